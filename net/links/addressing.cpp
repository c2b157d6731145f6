#include "net/links/addressing.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

namespace berth::net {
namespace {

constexpr uint16_t kCreate = NLM_F_CREATE | NLM_F_EXCL;

uint8_t FamilyNumber(const IpAddress& address) { return address.IsIpv4() ? AF_INET : AF_INET6; }
uint8_t WholePrefix(const IpAddress& address) { return address.IsIpv4() ? 32 : 128; }

rtmsg RouteHeader(const IpAddress& address, uint8_t prefix, uint8_t scope) {
  return {.rtm_family = FamilyNumber(address),
          .rtm_dst_len = prefix,
          .rtm_table = RT_TABLE_MAIN,
          .rtm_protocol = kRouteProtocol,
          .rtm_scope = scope,
          .rtm_type = RTN_UNICAST};
}

}  // namespace

NetlinkMessage NewAddress(const IpAddress& address, int link) {
  const ifaddrmsg header = {.ifa_family = FamilyNumber(address),
                            .ifa_prefixlen = WholePrefix(address),
                            .ifa_scope = RT_SCOPE_UNIVERSE,
                            .ifa_index = static_cast<uint32_t>(link)};
  Attributes attributes;
  attributes.Bytes(IFA_LOCAL, address.Bytes()).Bytes(IFA_ADDRESS, address.Bytes());
  if (!address.IsIpv4()) attributes.Number<uint32_t>(IFA_FLAGS, IFA_F_NODAD);
  return {.what = "give it the address " + address.Format(),
          .type = RTM_NEWADDR,
          .flags = kCreate,
          .body = NetlinkBody(header, attributes)};
}

NetlinkMessage NewNeighbour(const IpAddress& address, MacAddress mac, int link) {
  const ndmsg header = {.ndm_family = FamilyNumber(address),
                        .ndm_ifindex = link,
                        .ndm_state = NUD_PERMANENT,
                        .ndm_type = RTN_UNICAST};
  Attributes attributes;
  attributes.Bytes(NDA_DST, address.Bytes()).Bytes(NDA_LLADDR, RawBytes(mac.Bytes()));
  return {.what = "make " + address.Format() + " its neighbour",
          .type = RTM_NEWNEIGH,
          .flags = NLM_F_CREATE | NLM_F_REPLACE,
          .body = NetlinkBody(header, attributes)};
}

NetlinkMessage NewRoute(const IpBlock& block, const IpAddress& gateway, int link) {
  Attributes attributes;
  if (block.prefix() > 0) attributes.Bytes(RTA_DST, block.Network().Bytes());
  attributes.Bytes(RTA_GATEWAY, gateway.Bytes()).Number(RTA_OIF, link);
  rtmsg header = RouteHeader(gateway, static_cast<uint8_t>(block.prefix()), RT_SCOPE_UNIVERSE);
  header.rtm_flags = RTNH_F_ONLINK;
  return {.what = fmt::format("route {} by {}", block.Format(), gateway.Format()),
          .type = RTM_NEWROUTE,
          .flags = kCreate,
          .body = NetlinkBody(header, attributes)};
}

NetlinkMessage NewHostRoute(const HostRoute& route) {
  const IpAddress& address = route.address;
  Attributes attributes;
  attributes.Bytes(RTA_DST, address.Bytes()).Number(RTA_OIF, route.link);
  if (route.source) attributes.Bytes(RTA_PREFSRC, route.source->Bytes());
  if (route.metric > 0) attributes.Number(RTA_PRIORITY, route.metric);
  return {
      .what = fmt::format("route {} to it", address.Format()),
      .type = RTM_NEWROUTE,
      .flags = kCreate,
      .body = NetlinkBody(RouteHeader(address, WholePrefix(address), RT_SCOPE_LINK), attributes)};
}

std::optional<IpAddress> AddressIn(std::string_view bytes) {
  if (bytes.size() == sizeof(uint32_t)) return Ipv4(ntohl(FromBytes<uint32_t>(bytes)));
  if (bytes.size() == sizeof(Ipv6::Bytes16)) return Ipv6(FromBytes<Ipv6::Bytes16>(bytes));
  return std::nullopt;
}

bool IsLocal(NetlinkSocket& socket, const IpAddress& address) {
  Attributes destination;
  destination.Bytes(RTA_DST, address.Bytes());
  const rtmsg header = {.rtm_family = FamilyNumber(address), .rtm_dst_len = WholePrefix(address)};
  bool local = false;
  const auto asked = socket.Ask(
      {.what = "find a route", .type = RTM_GETROUTE, .body = NetlinkBody(header, destination)},
      [&](std::string_view body) { local = FromBytes<rtmsg>(body).rtm_type == RTN_LOCAL; });
  return asked && local;
}

}  // namespace berth::net
