#include "net/links/links.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <set>
#include <thread>

#include "base/files.h"
#include "net/netlink.h"

namespace berth::net {
namespace {

// Who made a route (rtm_protocol): a number that iproute2's rt_protos leaves free.
constexpr uint8_t kRouteProtocol = 66;
// Links about to be deleted together.
constexpr uint32_t kDoomedGroup = kLinkGroup + 1;
constexpr uint16_t kCreate = NLM_F_CREATE | NLM_F_EXCL;

std::string_view View(const auto& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

NetlinkMessage NewLink(std::string what, uint16_t flags, const ifinfomsg& header,
                       const Attributes& attributes) {
  return {.what = std::move(what),
          .type = RTM_NEWLINK,
          .flags = flags,
          .body = NetlinkBody(header, attributes)};
}

NetlinkMessage NewAddress(Ipv4 address, int link) {
  const ifaddrmsg header = {.ifa_family = AF_INET,
                            .ifa_prefixlen = 32,
                            .ifa_scope = RT_SCOPE_UNIVERSE,
                            .ifa_index = static_cast<uint32_t>(link)};
  Attributes attributes;
  attributes.Bytes(IFA_LOCAL, View(address.Bytes())).Bytes(IFA_ADDRESS, View(address.Bytes()));
  return {.what = "give it the address " + address.Format(),
          .type = RTM_NEWADDR,
          .flags = kCreate,
          .body = NetlinkBody(header, attributes)};
}

/// The neighbour is told to the kernel once and for all: no ARP, no wait for it, nothing to forge.
NetlinkMessage NewNeighbour(Ipv4 address, MacAddress mac, int link) {
  const ndmsg header = {.ndm_family = AF_INET,
                        .ndm_ifindex = link,
                        .ndm_state = NUD_PERMANENT,
                        .ndm_type = RTN_UNICAST};
  Attributes attributes;
  attributes.Bytes(NDA_DST, View(address.Bytes())).Bytes(NDA_LLADDR, View(mac.Bytes()));
  return {.what = "make " + address.Format() + " its neighbour",
          .type = RTM_NEWNEIGH,
          .flags = NLM_F_CREATE | NLM_F_REPLACE,
          .body = NetlinkBody(header, attributes)};
}

rtmsg RouteHeader(uint8_t prefix, uint8_t scope, uint32_t flags) {
  return {.rtm_family = AF_INET,
          .rtm_dst_len = prefix,
          .rtm_table = RT_TABLE_MAIN,
          .rtm_protocol = kRouteProtocol,
          .rtm_scope = scope,
          .rtm_type = RTN_UNICAST,
          .rtm_flags = flags};
}

NetlinkMessage NewRoute(const Ipv4Cidr& block, Ipv4 gateway, int link) {
  const auto prefix = static_cast<uint8_t>(block.prefix());
  Attributes attributes;
  if (prefix > 0) attributes.Bytes(RTA_DST, View(block.Network().Bytes()));
  attributes.Bytes(RTA_GATEWAY, View(gateway.Bytes())).Number(RTA_OIF, link);
  return {.what = fmt::format("route {} by {}", block.Format(), gateway.Format()),
          .type = RTM_NEWROUTE,
          .flags = kCreate,
          // No route leads to the gateway but this one: taken as on the link unproved.
          .body = NetlinkBody(RouteHeader(prefix, RT_SCOPE_UNIVERSE, RTNH_F_ONLINK), attributes)};
}

NetlinkMessage NewHostRoute(Ipv4 address, Ipv4 source, int link) {
  Attributes attributes;
  attributes.Bytes(RTA_DST, View(address.Bytes()))
      .Bytes(RTA_PREFSRC, View(source.Bytes()))
      .Number(RTA_OIF, link);
  return {.what = "route " + address.Format() + " to it",
          .type = RTM_NEWROUTE,
          .flags = kCreate,
          .body = NetlinkBody(RouteHeader(32, RT_SCOPE_LINK, 0), attributes)};
}

/// Per-device settings of IPv4 (include/uapi/linux/ip.h), without a way through /proc.
Attributes HostEndSettings() {
  Attributes settings;
  // Only what the task's own address sends is let in, whatever the firewall says.
  settings.Number<uint32_t>(IPV4_DEVCONF_RP_FILTER, 1);
  // A port published on 127.0.0.1 is reached from 127.0.0.1; the firewall drops the opposite way.
  settings.Number<uint32_t>(IPV4_DEVCONF_ROUTE_LOCALNET, 1);
  Attributes conf;
  conf.Nest(IFLA_INET_CONF, settings);
  Attributes family;
  family.Nest(AF_INET, conf);
  return family;
}

/// Asks for one interface by name and hands the answer on; fails with ENODEV if there is none.
Result<void> AskForLink(NetlinkSocket& socket, const std::string& name,
                        const std::function<void(std::string_view body)>& answer) {
  Attributes which;
  which.Text(IFLA_IFNAME, name).Number<uint32_t>(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return socket.Ask({.what = "find interface " + name,
                     .type = RTM_GETLINK,
                     .body = NetlinkBody(ifinfomsg{}, which)},
                    answer);
}

Result<int> LinkIndex(NetlinkSocket& socket, const std::string& name) {
  int index = 0;
  TRY(AskForLink(socket, name,
                 [&](std::string_view body) { index = FromBytes<ifinfomsg>(body).ifi_index; }));
  return index;
}

Result<void> DisableIpv6(const std::string& name) {
  const auto written =
      WriteControlFile(AT_FDCWD, fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", name), "1");
  // A kernel without IPv6 has nothing to disable.
  if (!written && !written.error().Is(ENOENT)) return Error(written.error());
  return {};
}

std::optional<HostLink> AsHostLink(std::string_view body) {
  const AttributeView attributes = BodyAttributes<ifinfomsg>(body);
  if (FromBytes<uint32_t>(attributes.Find(IFLA_GROUP)) != kLinkGroup) return std::nullopt;
  return HostLink{.index = FromBytes<ifinfomsg>(body).ifi_index,
                  .name = attributes.Text(IFLA_IFNAME)};
}

}  // namespace

Result<void> CreateVeth(NetlinkSocket& host, const Veth& veth, const Netns& task) {
  Attributes peer;
  peer.Text(IFLA_IFNAME, veth.taskName)
      .Bytes(IFLA_ADDRESS, View(veth.taskMac.Bytes()))
      .Number<uint32_t>(IFLA_MTU, static_cast<uint32_t>(veth.mtu))
      // Made there, never moved there: moving costs a grace period of the kernel.
      .Number<uint32_t>(IFLA_NET_NS_FD, static_cast<uint32_t>(task.fd()));
  Attributes pair;
  pair.Bytes(VETH_INFO_PEER, NetlinkBody(ifinfomsg{}, peer));
  Attributes kind;
  kind.Text(IFLA_INFO_KIND, "veth").Nest(IFLA_INFO_DATA, pair);
  Attributes here;
  here.Text(IFLA_IFNAME, veth.hostName)
      .Bytes(IFLA_ADDRESS, View(veth.hostMac.Bytes()))
      .Number<uint32_t>(IFLA_MTU, static_cast<uint32_t>(veth.mtu))
      .Number<uint32_t>(IFLA_GROUP, kLinkGroup)
      .Nest(IFLA_LINKINFO, kind);
  return host.Send(
      NewLink(fmt::format("make the veth pair {} and {}", veth.hostName, veth.taskName), kCreate,
              ifinfomsg{}, here));
}

Result<void> ConfigureTaskEnd(NetlinkSocket& task, const Veth& veth) {
  const int index = TRY(LinkIndex(task, veth.taskName));
  const ifinfomsg up = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  std::vector<NetlinkMessage> messages = {
      NewLink(fmt::format("set {} up", veth.taskName), 0, up, {}),
      NewAddress(veth.address, index),
      NewNeighbour(veth.gateway, veth.hostMac, index),
  };
  for (const Ipv4Cidr& block : veth.routes) {
    messages.push_back(NewRoute(block, veth.gateway, index));
  }
  return task.Send(messages);
}

Result<void> ConfigureHostEnd(NetlinkSocket& host, const Veth& veth) {
  const int index = TRY(LinkIndex(host, veth.hostName));
  // Before it is up, so that it never has an IPv6 address and never heeds a router advertisement.
  TRY(DisableIpv6(veth.hostName));
  const ifinfomsg up = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  Attributes attributes;
  attributes.Text(IFLA_IFALIAS, veth.id).Nest(IFLA_AF_SPEC, HostEndSettings());
  return host.Send(std::vector<NetlinkMessage>{
      NewLink(fmt::format("set {} up", veth.hostName), 0, up, attributes),
      NewAddress(veth.gateway, index),
      NewNeighbour(veth.address, veth.taskMac, index),
      NewHostRoute(veth.address, veth.gateway, index),
  });
}

Result<void> WaitForCarrier(NetlinkSocket& task, const Veth& veth) {
  constexpr int kTries = 1000;  // a millisecond apart
  for (int tries = 0; tries < kTries; ++tries) {
    uint8_t state = IF_OPER_UNKNOWN;
    // Since Linux 6.8 the question itself makes the kernel catch up.
    TRY(AskForLink(task, veth.taskName, [&](std::string_view body) {
      state = FromBytes<uint8_t>(BodyAttributes<ifinfomsg>(body).Find(IFLA_OPERSTATE));
    }));
    if (state == IF_OPER_UP) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return MakeError("{} has no carrier after {} ms", veth.taskName, kTries);
}

Result<std::vector<HostLink>> ListHostLinks(NetlinkSocket& host) {
  Attributes filter;
  filter.Number<uint32_t>(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  return host.List<HostLink>(
      {.what = "list interfaces", .type = RTM_GETLINK, .body = NetlinkBody(ifinfomsg{}, filter)},
      AsHostLink);
}

Result<std::optional<HostLink>> FindHostLink(NetlinkSocket& host, const std::string& name) {
  std::optional<HostLink> found;
  const auto asked =
      AskForLink(host, name, [&](std::string_view body) { found = AsHostLink(body); });
  if (!asked && !asked.error().Is(ENODEV)) return Error(asked.error());
  return found;
}

Result<void> DeleteLinks(NetlinkSocket& host, const std::vector<HostLink>& links) {
  if (links.empty()) return {};
  TRY(DeleteRoutes(host, links));
  std::vector<NetlinkMessage> moves;
  for (const HostLink& link : links) {
    Attributes doomed;
    doomed.Number<uint32_t>(IFLA_GROUP, kDoomedGroup);
    moves.push_back(NewLink("set aside " + link.name, 0, {.ifi_index = link.index}, doomed));
  }
  // An interface that has gone meanwhile is no loss.
  if (const auto moved = host.Send(moves); !moved && !moved.error().Is(ENODEV)) {
    return Error(moved.error());
  }
  // Each deletion waits for grace periods of the kernel; one of a whole group shares them.
  Attributes group;
  group.Number<uint32_t>(IFLA_GROUP, kDoomedGroup);
  const auto deleted = host.Send({.what = fmt::format("delete {} veth pairs", links.size()),
                                  .type = RTM_DELLINK,
                                  .body = NetlinkBody(ifinfomsg{}, group)});
  if (!deleted && !deleted.error().Is(ENODEV)) return Error(deleted.error());
  return {};
}

Result<void> DeleteRoutes(NetlinkSocket& host, const std::vector<HostLink>& links) {
  std::set<int> indices;
  for (const HostLink& link : links) indices.insert(link.index);
  const rtmsg ours = {
      .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = kRouteProtocol};
  const auto deletions = TRY(host.List<NetlinkMessage>(
      {.what = "list routes", .type = RTM_GETROUTE, .body = NetlinkBody(ours)},
      [&](std::string_view body) -> std::optional<NetlinkMessage> {
        // Looked at again: a kernel without strict dump filters sends every route.
        const AttributeView route = BodyAttributes<rtmsg>(body);
        if (FromBytes<rtmsg>(body).rtm_protocol != kRouteProtocol) return std::nullopt;
        if (!indices.contains(FromBytes<int>(route.Find(RTA_OIF)))) return std::nullopt;
        return NetlinkMessage{
            .what = "delete a route", .type = RTM_DELROUTE, .body = std::string(body)};
      }));
  // One that has gone meanwhile is no loss.
  if (const auto sent = host.Send(deletions); !sent && !sent.error().Is(ESRCH)) {
    return Error(sent.error());
  }
  return {};
}

Result<int> DefaultMtu(NetlinkSocket& host) {
  constexpr int kEthernet = 1500;
  // Any address outside will do; this one is a dummy that nobody has (RFC 7600).
  Attributes destination;
  destination.Bytes(RTA_DST, View(Ipv4(0xc0000008).Bytes()));
  const rtmsg header = {.rtm_family = AF_INET, .rtm_dst_len = 32};
  int index = 0;
  const auto routed = host.Ask({.what = "find the default route",
                                .type = RTM_GETROUTE,
                                .body = NetlinkBody(header, destination)},
                               [&](std::string_view body) {
                                 index = FromBytes<int>(BodyAttributes<rtmsg>(body).Find(RTA_OIF));
                               });
  if (!routed || index == 0) return kEthernet;
  int mtu = 0;
  TRY(host.Ask({.what = "find the default route's interface",
                .type = RTM_GETLINK,
                .body = NetlinkBody(ifinfomsg{.ifi_index = index})},
               [&](std::string_view body) {
                 mtu = FromBytes<int>(BodyAttributes<ifinfomsg>(body).Find(IFLA_MTU));
               }));
  return mtu > 0 ? mtu : kEthernet;
}

}  // namespace berth::net
