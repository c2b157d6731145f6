// Addresses, neighbours and routes of an interface, as messages of rtnetlink(7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/addresses/ipv6.h"
#include "net/netlink.h"

namespace berth::net {

/// Who made a route (rtm_protocol): a number that iproute2's rt_protos leaves free.
inline constexpr uint8_t kRouteProtocol = 66;

/// Gives `link` the address and nothing around it (/32 or /128), at once: no search for duplicates.
NetlinkMessage NewAddress(const IpAddress& address, int link);

/// The neighbour is told to the kernel once and for all: nothing is asked, nothing waits, and there
/// is nothing to forge.
NetlinkMessage NewNeighbour(const IpAddress& address, MacAddress mac, int link);

/// The block goes by the gateway (of its family), which is taken to be on the link unproved.
NetlinkMessage NewRoute(const IpBlock& block, const IpAddress& gateway, int link);

/// The one address is on the link.
struct HostRoute {
  IpAddress address;
  int link = 0;
  /// Under which of its addresses the host speaks to it; nothing: the kernel chooses.
  std::optional<IpAddress> source = {};
  uint32_t metric = 0;  // 0: the kernel's
};
NetlinkMessage NewHostRoute(const HostRoute& route);

/// The address of either family that is in a message as 4 or 16 bytes; nothing for others.
std::optional<IpAddress> AddressIn(std::string_view bytes);

/// Whether an address is one of the host's (or task's) own that `socket` (NETLINK_ROUTE) belongs
/// to. An address without a route is not.
bool IsLocal(NetlinkSocket& socket, const IpAddress& address);

}  // namespace berth::net
