#include "net/firewall/flows.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <algorithm>

#include "net/firewall/table_names.h"
#include "net/links/addressing.h"

namespace berth::net {
namespace {

NetlinkMessage FlowRequest(const char* what, uint16_t type, IpFamily family,
                           const Attributes& attributes) {
  const uint8_t number = family == IpFamily::kIpv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
  const nfgenmsg header = {.nfgen_family = number, .version = NFNETLINK_V0};
  return {.what = what,
          .type = static_cast<uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | type),
          .body = NetlinkBody(header, attributes)};
}

IpAddress AddressIn(const AttributeView& ip, IpFamily family, uint16_t ipv4, uint16_t ipv6) {
  if (family == IpFamily::kIpv4) return Ipv4(ntohl(FromBytes<uint32_t>(ip.Find(ipv4))));
  return Ipv6(FromBytes<Ipv6::Bytes16>(ip.Find(ipv6)));
}

FlowEnds EndsIn(const AttributeView& tuple, IpFamily family) {
  const AttributeView ip(tuple.Find(CTA_TUPLE_IP));
  const AttributeView protocol(tuple.Find(CTA_TUPLE_PROTO));
  const auto port = [&](uint16_t type) { return ntohs(FromBytes<uint16_t>(protocol.Find(type))); };
  return {.source = AddressIn(ip, family, CTA_IP_V4_SRC, CTA_IP_V6_SRC),
          .destination = AddressIn(ip, family, CTA_IP_V4_DST, CTA_IP_V6_DST),
          .sourcePort = port(CTA_PROTO_SRC_PORT),
          .destinationPort = port(CTA_PROTO_DST_PORT)};
}

std::optional<IcmpKind> IcmpIn(const AttributeView& protocol, uint8_t number) {
  if (number != IPPROTO_ICMP && number != IPPROTO_ICMPV6) return std::nullopt;
  const bool ipv4 = number == IPPROTO_ICMP;
  const auto byte = [&](uint16_t type) { return FromBytes<uint8_t>(protocol.Find(type)); };
  return IcmpKind{.type = byte(ipv4 ? CTA_PROTO_ICMP_TYPE : CTA_PROTO_ICMPV6_TYPE),
                  .code = byte(ipv4 ? CTA_PROTO_ICMP_CODE : CTA_PROTO_ICMPV6_CODE)};
}

TrackedFlow FlowIn(std::string_view body, IpFamily family) {
  const AttributeView flow = BodyAttributes<nfgenmsg>(body);
  const AttributeView original(flow.Find(CTA_TUPLE_ORIG));
  const AttributeView protocol(original.Find(CTA_TUPLE_PROTO));
  const auto number = FromBytes<uint8_t>(protocol.Find(CTA_PROTO_NUM));
  return {.protocol = number,
          .original = EndsIn(original, family),
          .reply = EndsIn(AttributeView(flow.Find(CTA_TUPLE_REPLY)), family),
          .icmp = IcmpIn(protocol, number),
          .tuple = std::string(flow.Find(CTA_TUPLE_ORIG)),
          .id = std::string(flow.Find(CTA_ID))};
}

Result<std::vector<TrackedFlow>> ListFiltered(NetlinkSocket& netfilter, IpFamily family,
                                              const Attributes& filter) {
  return netfilter.List<TrackedFlow>(
      FlowRequest("list tracked flows", IPCTNL_MSG_CT_GET, family, filter),
      [&](std::string_view body) { return std::optional(FlowIn(body, family)); });
}

/// A flow has two directions, each with its source: who began it, and who answers.
struct Way {
  uint16_t tuple;  // in a flow
  uint16_t flags;  // in a filter: what of the tuple counts
  FlowEnds TrackedFlow::*ends;
};
constexpr Way kBegun = {CTA_TUPLE_ORIG, CTA_FILTER_ORIG_FLAGS, &TrackedFlow::original};
constexpr Way kAnswered = {CTA_TUPLE_REPLY, CTA_FILTER_REPLY_FLAGS, &TrackedFlow::reply};
// The kernel's CTA_FILTER_F_CTA_IP_SRC, which it tells in no header.
constexpr uint32_t kSourceCounts = 1 << 0;

Attributes Filter(Way way, const IpAddress& source) {
  Attributes ip;
  ip.Bytes(source.family() == IpFamily::kIpv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, source.Bytes());
  Attributes tuple;
  tuple.Nest(CTA_TUPLE_IP, ip);
  Attributes counts;
  for (const uint16_t flags : {CTA_FILTER_ORIG_FLAGS, CTA_FILTER_REPLY_FLAGS}) {
    counts.Number<uint32_t>(flags, way.flags == flags ? kSourceCounts : 0);
  }
  Attributes filter;
  filter.Nest(CTA_FILTER, counts).Nest(way.tuple, tuple);
  return filter;
}

Result<std::vector<TrackedFlow>> ListFlowsFrom(NetlinkSocket& netfilter, Way way,
                                               const IpAddress& source) {
  auto flows = TRY(ListFiltered(netfilter, source.family(), Filter(way, source)));
  // Looked at again: a kernel before 5.8 knows no filter and sends every flow.
  std::erase_if(flows, [&](const TrackedFlow& flow) { return (flow.*way.ends).source != source; });
  return flows;
}

/// How many flows of either family there are; 1 if the kernel does not tell.
uint32_t CountFlows(NetlinkSocket& netfilter) {
  uint32_t count = 1;
  (void)netfilter.Ask(FlowRequest("count flows", IPCTNL_MSG_CT_GET_STATS, IpFamily::kIpv4, {}),
                      [&](std::string_view body) {
                        const AttributeView stats = BodyAttributes<nfgenmsg>(body);
                        const auto entries = stats.Find(CTA_STATS_GLOBAL_ENTRIES);
                        if (!entries.empty()) count = ntohl(FromBytes<uint32_t>(entries));
                      });
  return count;
}

}  // namespace

Result<std::vector<TrackedFlow>> ListFlows(NetlinkSocket& netfilter, IpFamily family) {
  return ListFiltered(netfilter, family, {});
}

Result<void> ForgetFlows(NetlinkSocket& netfilter, const std::vector<TrackedFlow>& flows) {
  for (const TrackedFlow& flow : flows) {
    Attributes which;
    which.Bytes(CTA_TUPLE_ORIG | NLA_F_NESTED, flow.tuple).Bytes(CTA_ID, flow.id);
    const auto sent = netfilter.Send(
        FlowRequest("forget a flow", IPCTNL_MSG_CT_DELETE, flow.original.source.family(), which));
    if (!sent && !sent.error().Is(ENOENT)) return Error(sent.error());
  }
  return {};
}

Result<void> ForgetUdpFlows(NetlinkSocket& netfilter, const std::set<uint16_t>& host_ports) {
  if (host_ports.empty()) return {};
  NetlinkSocket links = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  for (const IpFamily family : kFamilies) {
    std::vector<TrackedFlow> flows = TRY(ListFlows(netfilter, family));
    std::erase_if(flows, [&](const TrackedFlow& flow) {
      return flow.protocol != IPPROTO_UDP || !host_ports.contains(flow.original.destinationPort) ||
             !IsLocal(links, flow.original.destination);
    });
    TRY(ForgetFlows(netfilter, flows));
  }
  return {};
}

Result<void> ForgetFlowsOf(NetlinkSocket& netfilter, const std::vector<IpAddress>& addresses) {
  // The kernel's table has as many places as it has memory for: to look through an empty one takes
  // milliseconds as well.
  if (CountFlows(netfilter) == 0) return {};
  for (const IpAddress& address : addresses) {
    for (const Way way : {kBegun, kAnswered}) {
      TRY(ForgetFlows(netfilter, TRY(ListFlowsFrom(netfilter, way, address))));
    }
  }
  return {};
}

}  // namespace berth::net
