#include "net/links/link_facts.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

#include "net/links/addressing.h"
#include "net/links/link_messages.h"

namespace berth::net {
namespace {

/// The block that a route's header and destination name.
IpBlock BlockOf(const rtmsg& header, std::string_view destination) {
  const int prefix = header.rtm_dst_len;
  const IpAddress network = AddressIn(destination).value_or(IpAddress());
  if (header.rtm_family == AF_INET6) {
    return Ipv6Cidr::Around(network.IsIpv4() ? Ipv6() : network.ipv6(), prefix);
  }
  return Ipv4Cidr::Around(network.IsIpv4() ? network.ipv4() : Ipv4(), prefix);
}

Result<std::optional<LinkFacts>> ReadLink(NetlinkSocket& socket, const std::string& name) {
  std::optional<LinkFacts> facts;
  const auto asked = AskForLink(socket, name, [&](std::string_view body) {
    const auto header = FromBytes<ifinfomsg>(body);
    facts.emplace();
    facts->index = header.ifi_index;
    facts->up = (header.ifi_flags & IFF_UP) != 0;
    facts->mac = MacAddress::FromBytes(BodyAttributes<ifinfomsg>(body).Find(IFLA_ADDRESS));
  });
  if (!asked && !asked.error().Is(ENODEV)) return asked.error();
  return facts;
}

Result<std::vector<IpAddress>> ReadAddresses(NetlinkSocket& socket, int index) {
  const ifaddrmsg all = {.ifa_family = AF_UNSPEC, .ifa_index = static_cast<uint32_t>(index)};
  return socket.List<IpAddress>(
      {.what = "list addresses", .type = RTM_GETADDR, .body = NetlinkBody(all)},
      [&](std::string_view body) -> std::optional<IpAddress> {
        if (FromBytes<ifaddrmsg>(body).ifa_index != all.ifa_index) return std::nullopt;
        return AddressIn(BodyAttributes<ifaddrmsg>(body).Find(IFA_ADDRESS));
      });
}

Result<std::vector<RouteFact>> ReadRoutes(NetlinkSocket& socket, int index) {
  std::vector<RouteFact> routes;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    const rtmsg all = {.rtm_family = family, .rtm_table = RT_TABLE_MAIN};
    Attributes filter;
    filter.Number(RTA_OIF, index);
    const auto found = TRY(socket.List<RouteFact>(
        {.what = "list routes", .type = RTM_GETROUTE, .body = NetlinkBody(all, filter)},
        [&](std::string_view body) -> std::optional<RouteFact> {
          // Looked at again: a kernel without strict dump filters sends every route.
          const auto header = FromBytes<rtmsg>(body);
          const AttributeView route = BodyAttributes<rtmsg>(body);
          if (FromBytes<int>(route.Find(RTA_OIF)) != index) return std::nullopt;
          if (header.rtm_table != RT_TABLE_MAIN) return std::nullopt;
          return RouteFact{.block = BlockOf(header, route.Find(RTA_DST)),
                           .gateway = AddressIn(route.Find(RTA_GATEWAY))};
        }));
    routes.insert(routes.end(), found.begin(), found.end());
  }
  return routes;
}

Result<std::vector<IpAddress>> ReadNeighbours(NetlinkSocket& socket, int index) {
  const ndmsg all = {.ndm_family = AF_UNSPEC};
  Attributes filter;
  filter.Number(NDA_IFINDEX, index);
  return socket.List<IpAddress>(
      {.what = "list neighbours", .type = RTM_GETNEIGH, .body = NetlinkBody(all, filter)},
      [&](std::string_view body) -> std::optional<IpAddress> {
        const auto header = FromBytes<ndmsg>(body);
        const bool kept = (header.ndm_state & NUD_PERMANENT) != 0;
        if (header.ndm_ifindex != index || !kept) return std::nullopt;
        return AddressIn(BodyAttributes<ndmsg>(body).Find(NDA_DST));
      });
}

bool Contains(const std::vector<IpAddress>& addresses, const IpAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

}  // namespace

bool LinkFacts::HasAddress(const IpAddress& address) const { return Contains(addresses, address); }
bool LinkFacts::HasNeighbour(const IpAddress& address) const {
  return Contains(neighbours, address);
}
bool LinkFacts::HasRoute(const IpBlock& block, const std::optional<IpAddress>& gateway) const {
  return std::any_of(routes.begin(), routes.end(), [&](const RouteFact& route) {
    return route.block == block && route.gateway == gateway;
  });
}

Result<std::optional<LinkFacts>> ReadLinkFacts(NetlinkSocket& socket, const std::string& name) {
  auto facts = TRY(ReadLink(socket, name));
  if (!facts) return facts;
  facts->addresses = TRY(ReadAddresses(socket, facts->index));
  facts->routes = TRY(ReadRoutes(socket, facts->index));
  facts->neighbours = TRY(ReadNeighbours(socket, facts->index));
  return facts;
}

}  // namespace berth::net
