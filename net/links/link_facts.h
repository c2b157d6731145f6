// What an interface is like now, by rtnetlink(7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/addresses/ipv6.h"
#include "net/netlink.h"

namespace berth::net {

struct RouteFact {
  IpBlock block;
  std::optional<IpAddress> gateway;
};

struct LinkFacts {
  int index = 0;
  bool up = false;
  MacAddress mac;
  std::vector<IpAddress> addresses;
  std::vector<RouteFact> routes;      // of the main table
  std::vector<IpAddress> neighbours;  // permanent ones

  bool HasAddress(const IpAddress& address) const;
  bool HasNeighbour(const IpAddress& address) const;
  /// `gateway`: nothing for what is on the link.
  bool HasRoute(const IpBlock& block, const std::optional<IpAddress>& gateway) const;
};

/// All of it, in the namespace that the socket (NETLINK_ROUTE) belongs to; nothing if there is no
/// interface of that name.
Result<std::optional<LinkFacts>> ReadLinkFacts(NetlinkSocket& socket, const std::string& name);

}  // namespace berth::net
