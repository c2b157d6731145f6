#include "net/links/veth.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "net/links/addressing.h"
#include "net/links/host_links.h"
#include "net/links/lan.h"
#include "net/links/link_messages.h"
#include "net/links/link_settings.h"

namespace berth::net {
namespace {

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

Result<bool> HasCarrier(NetlinkSocket& task, const Veth& veth) {
  uint8_t state = IF_OPER_UNKNOWN;
  // Since Linux 6.8 the question itself makes the kernel catch up.
  TRY(AskForLink(task, veth.taskName, [&](std::string_view body) {
    state = FromBytes<uint8_t>(BodyAttributes<ifinfomsg>(body).Find(IFLA_OPERSTATE));
  }));
  return state == IF_OPER_UP;
}

/// What makes one end another that is down.
Attributes Adoption(const std::string& old_name, const std::string& name, MacAddress mac,
                    int old_mtu, int mtu) {
  Attributes changes;
  changes.Bytes(IFLA_ADDRESS, RawBytes(mac.Bytes()));
  if (mtu != old_mtu) changes.Number<uint32_t>(IFLA_MTU, static_cast<uint32_t>(mtu));
  if (name != old_name) changes.Text(IFLA_IFNAME, name);
  return changes;
}

/// What an end lacks of IPv6: addresses get their routes from a worker of the kernel.
const char* MissingAddress(NetlinkSocket& host, NetlinkSocket& task, const Veth& veth) {
  for (const Leg& leg : veth.legs) {
    if (leg.address.IsIpv4()) continue;
    if (!IsLocal(task, leg.address)) return "IPv6 address";
    const bool is_host = leg.gatewayPlace != Leg::GatewayPlace::kOnLan;
    if (is_host && !IsLocal(host, leg.gateway)) return "IPv6 gateway";
  }
  return nullptr;
}

}  // namespace

bool Veth::HasIpv6() const {
  return std::any_of(legs.begin(), legs.end(),
                     [](const Leg& leg) { return !leg.address.IsIpv4(); });
}

Result<void> CreateVeth(NetlinkSocket& host, const Veth& veth, const Netns& task) {
  Attributes peer;
  peer.Text(IFLA_IFNAME, veth.taskName)
      .Bytes(IFLA_ADDRESS, RawBytes(veth.taskMac.Bytes()))
      .Number<uint32_t>(IFLA_MTU, static_cast<uint32_t>(veth.mtu))
      // Made there, never moved there: moving costs a grace period of the kernel.
      .Number<uint32_t>(IFLA_NET_NS_FD, static_cast<uint32_t>(task.fd()));
  Attributes pair;
  pair.Bytes(VETH_INFO_PEER, NetlinkBody(ifinfomsg{}, peer));
  Attributes kind;
  kind.Text(IFLA_INFO_KIND, "veth").Nest(IFLA_INFO_DATA, pair);
  Attributes here;
  here.Text(IFLA_IFNAME, veth.hostName)
      .Bytes(IFLA_ADDRESS, RawBytes(veth.hostMac.Bytes()))
      .Number<uint32_t>(IFLA_MTU, static_cast<uint32_t>(veth.mtu))
      .Number<uint32_t>(IFLA_GROUP, veth.group)
      .Nest(IFLA_LINKINFO, kind);
  return host.Send(
      NewLink(fmt::format("make the veth pair {} and {}", veth.hostName, veth.taskName),
              NLM_F_CREATE | NLM_F_EXCL, ifinfomsg{}, here));
}

Result<SpareVeth> CreateSpareVeth(NetlinkSocket& host, const std::string& host_name, int mtu,
                                  const Netns& task, std::optional<NetlinkSocket>& task_links) {
  const Veth veth = {.hostName = host_name,
                     .taskName = "eth0",
                     .hostMac = MacAddress::Derive("host " + host_name),
                     .taskMac = MacAddress::Derive(host_name),
                     .mtu = mtu,
                     .group = kSpareGroup};
  TRY(CreateVeth(host, veth, task));
  TRY(DisableIpv6(host_name));
  task_links = TRY(PrepareTaskEnd(veth, task));
  const int host_index = TRY(LinkIndex(host, host_name));
  const int task_index = TRY(LinkIndex(*task_links, veth.taskName));
  return SpareVeth{.hostName = host_name,
                   .taskName = veth.taskName,
                   .hostIndex = host_index,
                   .taskIndex = task_index,
                   .mtu = mtu};
}

Result<NetlinkSocket> PrepareTaskEnd(const Veth& veth, const Netns& task) {
  return task.Run([&]() -> Result<NetlinkSocket> {
    const std::string& name = veth.spare ? veth.spare->taskName : veth.taskName;
    // A namespace of somebody else's making may have it on by default.
    TRY(veth.HasIpv6() ? EnableIpv6(name) : DisableIpv6(name));
    // The socket belongs to this namespace wherever it is used.
    return NetlinkSocket::Open(NETLINK_ROUTE);
  });
}

Result<void> ConfigureTaskEnd(NetlinkSocket& task, const Veth& veth) {
  const auto& spare = veth.spare;
  const int index = spare ? spare->taskIndex : TRY(LinkIndex(task, veth.taskName));
  const ifinfomsg up = {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  Attributes attributes;
  if (spare) {
    attributes = Adoption(spare->taskName, veth.taskName, veth.taskMac, spare->mtu, veth.mtu);
  }
  std::vector<NetlinkMessage> messages = {
      NewLink(fmt::format("set {} up", veth.taskName), 0, up, attributes)};
  for (const Leg& leg : veth.legs) {
    messages.push_back(NewAddress(leg.address, index));
    messages.push_back(NewNeighbour(leg.gateway, veth.hostMac, index));
    if (leg.gatewayPlace != Leg::GatewayPlace::kHostEnd) {
      messages.push_back(
          NewHostRoute({.address = leg.gateway, .link = index, .source = leg.address}));
    }
    for (const IpBlock& block : leg.routes) {
      messages.push_back(NewRoute(block, leg.gateway, index));
    }
  }
  return task.Send(messages);
}

Result<void> ConfigureHostEnd(NetlinkSocket& host, const Veth& veth) {
  const auto& spare = veth.spare;
  const int index = spare ? spare->hostIndex : TRY(LinkIndex(host, veth.hostName));
  // Before it is up, so that it never has an address that the kernel made up.
  if (veth.HasIpv6()) {
    TRY(EnableIpv6(spare ? spare->hostName : veth.hostName));
  } else if (!spare) {
    TRY(DisableIpv6(veth.hostName));
  }
  constexpr uint32_t kFlags = IFF_UP | IFF_NOARP;
  const ifinfomsg up = {.ifi_index = index, .ifi_flags = kFlags, .ifi_change = kFlags};
  Attributes attributes;
  if (spare) {
    attributes = Adoption(spare->hostName, veth.hostName, veth.hostMac, spare->mtu, veth.mtu);
    attributes.Number<uint32_t>(IFLA_GROUP, veth.group);
  }
  attributes.Text(IFLA_IFALIAS, veth.id).Nest(IFLA_AF_SPEC, HostEndSettings());
  std::vector<NetlinkMessage> messages = {
      NewLink(fmt::format("set {} up", veth.hostName), 0, up, attributes)};
  for (const Leg& leg : veth.legs) {
    const bool is_gateway = leg.gatewayPlace == Leg::GatewayPlace::kHostEnd;
    if (is_gateway) messages.push_back(NewAddress(leg.gateway, index));
    // Behind the flags, whose change makes the kernel forget neighbours.
    messages.push_back(NewNeighbour(leg.address, veth.taskMac, index));
    HostRoute route = {.address = leg.address, .link = index};
    if (is_gateway) route.source = leg.gateway;
    if (leg.gatewayPlace == Leg::GatewayPlace::kOnLan) route.metric = LanMetric(veth.parent);
    messages.push_back(NewHostRoute(route));
  }
  return host.Send(messages);
}

Result<void> WaitUntilReady(NetlinkSocket& host, NetlinkSocket& task, const Veth& veth) {
  constexpr int kTries = 1000;  // a millisecond apart
  const char* missing = "";
  for (int tries = 0; tries < kTries; ++tries) {
    missing = TRY(HasCarrier(task, veth)) ? MissingAddress(host, task, veth) : "carrier";
    if (missing == nullptr) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return MakeError("{} has no {} after {} ms", veth.taskName, missing, kTries);
}

}  // namespace berth::net
