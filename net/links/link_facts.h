// What an interface is like now, by rtnetlink(7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/addresses/address.h"
#include "net/netlink.h"

namespace berth::net {

struct RouteFact {
  Ipv4Cidr block;
  std::optional<Ipv4> gateway;
};

struct LinkFacts {
  int index = 0;
  bool up = false;
  MacAddress mac;
  std::vector<Ipv4> addresses;
  std::vector<RouteFact> routes;  // of the main table
  std::vector<Ipv4> neighbours;   // permanent ones

  bool HasAddress(Ipv4 address) const;
  bool HasNeighbour(Ipv4 address) const;
  /// `gateway`: nothing for what is on the link.
  bool HasRoute(const Ipv4Cidr& block, std::optional<Ipv4> gateway) const;
};

/// All of it, in the namespace that the socket (NETLINK_ROUTE) belongs to; nothing if there is no
/// interface of that name.
Result<std::optional<LinkFacts>> ReadLinkFacts(NetlinkSocket& socket, const std::string& name);

}  // namespace berth::net
