#include "net/links/link_facts.h"

#include <arpa/inet.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>

namespace berth::net {
namespace {

std::optional<Ipv4> Address(std::string_view bytes) {
  if (bytes.size() != sizeof(uint32_t)) return std::nullopt;
  return Ipv4(ntohl(FromBytes<uint32_t>(bytes)));
}

/// The block that a route's header and destination name.
std::optional<Ipv4Cidr> Block(const rtmsg& header, std::string_view destination) {
  const Ipv4 network = Address(destination).value_or(Ipv4());
  const auto block = Ipv4Cidr::Parse(fmt::format("{}/{}", network.Format(), header.rtm_dst_len));
  return block ? std::optional(*block) : std::nullopt;
}

Result<std::optional<LinkFacts>> ReadLink(NetlinkSocket& socket, const std::string& name) {
  Attributes which;
  which.Text(IFLA_IFNAME, name).Number<uint32_t>(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  std::optional<LinkFacts> facts;
  const auto asked = socket.Ask({.what = "find interface " + name,
                                 .type = RTM_GETLINK,
                                 .body = NetlinkBody(ifinfomsg{}, which)},
                                [&](std::string_view body) {
                                  const auto header = FromBytes<ifinfomsg>(body);
                                  facts.emplace();
                                  facts->index = header.ifi_index;
                                  facts->up = (header.ifi_flags & IFF_UP) != 0;
                                  const std::string_view mac =
                                      BodyAttributes<ifinfomsg>(body).Find(IFLA_ADDRESS);
                                  if (mac.size() == facts->mac.Bytes().size())
                                    facts->mac = MacAddress::FromBytes(mac);
                                });
  if (!asked && !asked.error().Is(ENODEV)) return asked.error();
  return facts;
}

Result<std::vector<Ipv4>> ReadAddresses(NetlinkSocket& socket, int index) {
  const ifaddrmsg all = {.ifa_family = AF_INET, .ifa_index = static_cast<uint32_t>(index)};
  return socket.List<Ipv4>(
      {.what = "list addresses", .type = RTM_GETADDR, .body = NetlinkBody(all)},
      [&](std::string_view body) -> std::optional<Ipv4> {
        if (FromBytes<ifaddrmsg>(body).ifa_index != all.ifa_index) return std::nullopt;
        return Address(BodyAttributes<ifaddrmsg>(body).Find(IFA_LOCAL));
      });
}

Result<std::vector<RouteFact>> ReadRoutes(NetlinkSocket& socket, int index) {
  const rtmsg all = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN};
  Attributes filter;
  filter.Number(RTA_OIF, index);
  return socket.List<RouteFact>(
      {.what = "list routes", .type = RTM_GETROUTE, .body = NetlinkBody(all, filter)},
      [&](std::string_view body) -> std::optional<RouteFact> {
        // Looked at again: a kernel without strict dump filters sends every route.
        const auto header = FromBytes<rtmsg>(body);
        const AttributeView route = BodyAttributes<rtmsg>(body);
        if (FromBytes<int>(route.Find(RTA_OIF)) != index) return std::nullopt;
        if (header.rtm_table != RT_TABLE_MAIN) return std::nullopt;
        const auto block = Block(header, route.Find(RTA_DST));
        if (!block) return std::nullopt;
        return RouteFact{.block = *block, .gateway = Address(route.Find(RTA_GATEWAY))};
      });
}

Result<std::vector<Ipv4>> ReadNeighbours(NetlinkSocket& socket, int index) {
  const ndmsg all = {.ndm_family = AF_INET};
  Attributes filter;
  filter.Number(NDA_IFINDEX, index);
  return socket.List<Ipv4>(
      {.what = "list neighbours", .type = RTM_GETNEIGH, .body = NetlinkBody(all, filter)},
      [&](std::string_view body) -> std::optional<Ipv4> {
        const auto header = FromBytes<ndmsg>(body);
        const bool kept = (header.ndm_state & NUD_PERMANENT) != 0;
        if (header.ndm_ifindex != index || !kept) return std::nullopt;
        return Address(BodyAttributes<ndmsg>(body).Find(NDA_DST));
      });
}

bool Contains(const std::vector<Ipv4>& addresses, Ipv4 address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

}  // namespace

bool LinkFacts::HasAddress(Ipv4 address) const { return Contains(addresses, address); }
bool LinkFacts::HasNeighbour(Ipv4 address) const { return Contains(neighbours, address); }
bool LinkFacts::HasRoute(const Ipv4Cidr& block, std::optional<Ipv4> gateway) const {
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
