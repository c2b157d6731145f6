#include "net/links/lan.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "net/links/addressing.h"
#include "net/links/link_messages.h"
#include "net/links/link_settings.h"

namespace berth::net {
namespace {

// Added to the number of an interface; no kernel makes as many.
constexpr uint32_t kLanMetric = 1U << 30;

struct Proxy {
  int parent = 0;
  IpAddress address;
  auto operator<=>(const Proxy&) const = default;
};

Result<std::set<Proxy>> ListProxies(NetlinkSocket& host) {
  const auto proxies = TRY(host.List<Proxy>(
      {.what = "list proxies",
       .type = RTM_GETNEIGH,
       .body = NetlinkBody(ndmsg{.ndm_flags = NTF_PROXY})},
      [](std::string_view body) -> std::optional<Proxy> {
        const AttributeView entry = BodyAttributes<ndmsg>(body);
        if (FromBytes<uint8_t>(entry.Find(NDA_PROTOCOL)) != kRouteProtocol) return std::nullopt;
        const auto address = AddressIn(entry.Find(NDA_DST));
        if (!address) return std::nullopt;
        return Proxy{.parent = FromBytes<ndmsg>(body).ndm_ifindex, .address = *address};
      }));
  return std::set<Proxy>(proxies.begin(), proxies.end());
}

/// The proxies that the routes of one family ask for.
Result<std::vector<Proxy>> WantedProxies(NetlinkSocket& host, uint8_t family) {
  const rtmsg ours = {
      .rtm_family = family, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = kRouteProtocol};
  return host.List<Proxy>({.what = "list routes", .type = RTM_GETROUTE, .body = NetlinkBody(ours)},
                          [](std::string_view body) -> std::optional<Proxy> {
                            // Looked at again: a kernel without strict dump filters sends every
                            // route.
                            if (FromBytes<rtmsg>(body).rtm_protocol != kRouteProtocol)
                              return std::nullopt;
                            const AttributeView route = BodyAttributes<rtmsg>(body);
                            const auto metric = FromBytes<uint32_t>(route.Find(RTA_PRIORITY));
                            const auto address = AddressIn(route.Find(RTA_DST));
                            if (metric <= kLanMetric || !address) return std::nullopt;
                            return Proxy{.parent = static_cast<int>(metric - kLanMetric),
                                         .address = *address};
                          });
}

NetlinkMessage ChangeProxy(const Proxy& proxy, uint16_t type) {
  const ndmsg header = {
      .ndm_family = static_cast<uint8_t>(proxy.address.IsIpv4() ? AF_INET : AF_INET6),
      .ndm_ifindex = proxy.parent,
      .ndm_flags = NTF_PROXY};
  Attributes attributes;
  attributes.Bytes(NDA_DST, proxy.address.Bytes()).Number<uint8_t>(NDA_PROTOCOL, kRouteProtocol);
  const bool is_new = type == RTM_NEWNEIGH;
  return {.what = fmt::format("{} for {} on the LAN", is_new ? "answer" : "no longer answer",
                              proxy.address.Format()),
          .type = type,
          .flags = static_cast<uint16_t>(is_new ? NLM_F_CREATE | NLM_F_REPLACE : 0),
          .body = NetlinkBody(header, attributes)};
}

/// Where the kernel sends what is for an address.
struct Way {
  int link = 0;
  std::optional<IpAddress> gateway;  // nothing: it is a neighbour
};

/// Nothing: nowhere.
std::optional<Way> WayTo(NetlinkSocket& host, const IpAddress& address) {
  Attributes destination;
  destination.Bytes(RTA_DST, address.Bytes());
  const rtmsg header = {.rtm_family = static_cast<uint8_t>(address.IsIpv4() ? AF_INET : AF_INET6),
                        .rtm_dst_len = static_cast<uint8_t>(address.IsIpv4() ? 32 : 128)};
  Way way;
  const auto asked = host.Ask(
      {.what = "find a route", .type = RTM_GETROUTE, .body = NetlinkBody(header, destination)},
      [&](std::string_view body) {
        const AttributeView route = BodyAttributes<rtmsg>(body);
        if (FromBytes<rtmsg>(body).rtm_type != RTN_UNICAST) return;
        way.link = FromBytes<int>(route.Find(RTA_OIF));
        way.gateway = AddressIn(route.Find(RTA_GATEWAY));
      });
  if (!asked || way.link == 0) return std::nullopt;
  return way;
}

/// An address outside, whichever: one that nobody has (RFC 7600; RFC 7343).
IpAddress Outside(IpFamily family) {
  if (family == IpFamily::kIpv4) return Ipv4(0xc0000008);
  return Ipv6({0x20, 0x01, 0x00, 0x20});
}

/// What is wrong with the host's ways as those of attachments with that gateway.
Result<void> CheckWays(NetlinkSocket& host, const Subnet& subnet, int parent,
                       const IpAddress& gateway) {
  const auto near = WayTo(host, gateway);
  if (!near || near->link != parent || near->gateway) {
    return MakeError(
        "the gateway {} is no neighbour of this host on {}: the interface must be up, with an "
        "address of the LAN",
        gateway.Format(), subnet.parent);
  }
  const auto out = WayTo(host, Outside(gateway.family()));
  if (!out) return {};  // a LAN of its own
  if (out->link != parent) {
    return MakeError("the host's default route does not lead by {}, so that of its tasks can't",
                     subnet.parent);
  }
  const bool told = out->gateway && (out->gateway->IsIpv4() ||
                                     !Ipv6Cidr::LinkLocal().Contains(out->gateway->ipv6()));
  if (told && *out->gateway != gateway) {
    return MakeError("the gateway is {}, but the host's default route leads by {}",
                     gateway.Format(), out->gateway->Format());
  }
  return {};
}

Result<LanParent> FindParent(NetlinkSocket& host, const std::string& name) {
  LanParent parent;
  bool ethernet = false;
  const auto asked = AskForLink(host, name, [&](std::string_view body) {
    const auto header = FromBytes<ifinfomsg>(body);
    parent.index = header.ifi_index;
    parent.mtu = FromBytes<int>(BodyAttributes<ifinfomsg>(body).Find(IFLA_MTU));
    ethernet = header.ifi_type == ARPHRD_ETHER;
  });
  if (!asked && asked.error().Is(ENODEV)) return MakeError("the host has no interface {}", name);
  TRY(asked);
  if (!ethernet) return MakeError("{} is no Ethernet interface", name);
  return parent;
}

Result<LanParent> Prepare(NetlinkSocket& host, const Subnet& subnet) {
  const LanParent parent = TRY(FindParent(host, subnet.parent));
  if (subnet.cidrBlock) {
    TRY(CheckWays(host, subnet, parent.index, subnet.gateway));
    TRY(LetAnswerForOthers(subnet.parent, IpFamily::kIpv4));
  }
  if (subnet.ipv6CidrBlock) {
    TRY(CheckWays(host, subnet, parent.index, subnet.ipv6Gateway));
    TRY(LetAnswerForOthers(subnet.parent, IpFamily::kIpv6));
  }
  return parent;
}

}  // namespace

Result<LanParent> PrepareParent(NetlinkSocket& host, const Subnet& subnet) {
  return Prepare(host, subnet).Context("subnet {}", subnet.subnetId);
}

uint32_t LanMetric(int parent) { return kLanMetric + static_cast<uint32_t>(parent); }

Result<bool> HasProxies(NetlinkSocket& host) { return !TRY(ListProxies(host)).empty(); }

Result<void> SetProxies(NetlinkSocket& host) {
  // The routes last: one that comes in between has its proxy set by who made it.
  const std::set<Proxy> present = TRY(ListProxies(host));
  std::set<Proxy> wanted;
  for (const uint8_t family : {AF_INET, AF_INET6}) {
    for (const Proxy& proxy : TRY(WantedProxies(host, family))) wanted.insert(proxy);
  }
  for (const Proxy& proxy : wanted) {
    if (present.contains(proxy)) continue;
    const auto added = host.Send(ChangeProxy(proxy, RTM_NEWNEIGH));
    if (!added && !added.error().Is(ENODEV)) return added;
  }
  for (const Proxy& proxy : present) {
    if (wanted.contains(proxy)) continue;
    const auto deleted = host.Send(ChangeProxy(proxy, RTM_DELNEIGH));
    // What has gone meanwhile, with its interface, is no loss.
    const bool gone = !deleted && (deleted.error().Is(ENOENT) || deleted.error().Is(ENODEV));
    if (!deleted && !gone) return deleted;
  }
  return {};
}

}  // namespace berth::net
