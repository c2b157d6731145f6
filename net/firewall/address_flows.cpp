#include "net/firewall/address_flows.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <set>
#include <string>

namespace berth::net {
namespace {

/// A flow has two directions, each with its source: who began it, and who answers.
struct Way {
  uint16_t tuple;  // in a flow
  uint16_t flags;  // in a filter: what of the tuple counts
};
constexpr Way kBegun = {CTA_TUPLE_ORIG, CTA_FILTER_ORIG_FLAGS};
constexpr Way kAnswered = {CTA_TUPLE_REPLY, CTA_FILTER_REPLY_FLAGS};
// The kernel's CTA_FILTER_F_CTA_IP_SRC, which it tells in no header.
constexpr uint32_t kSourceCounts = 1 << 0;

/// A flow as the kernel is asked to forget it.
struct Remembered {
  std::string tuple;  // CTA_TUPLE_ORIG
  std::string id;     // CTA_ID: tells it from a later one that looks the same
};

NetlinkMessage AboutFlows(const char* what, uint16_t type, IpFamily family,
                          const Attributes& attributes) {
  const uint8_t number = family == IpFamily::kIpv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
  const nfgenmsg header = {.nfgen_family = number, .version = NFNETLINK_V0};
  return {.what = what,
          .type = static_cast<uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | type),
          .body = NetlinkBody(header, attributes)};
}

uint16_t SourceAttribute(IpFamily family) {
  return family == IpFamily::kIpv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC;
}

Attributes Filter(Way way, const IpAddress& source) {
  Attributes ip;
  ip.Bytes(SourceAttribute(source.family()), source.Bytes());
  Attributes tuple;
  tuple.Nest(CTA_TUPLE_IP, ip);
  Attributes counts;
  counts.Number<uint32_t>(CTA_FILTER_ORIG_FLAGS,
                          way.flags == CTA_FILTER_ORIG_FLAGS ? kSourceCounts : 0);
  counts.Number<uint32_t>(CTA_FILTER_REPLY_FLAGS,
                          way.flags == CTA_FILTER_REPLY_FLAGS ? kSourceCounts : 0);
  Attributes filter;
  filter.Nest(CTA_FILTER, counts).Nest(way.tuple, tuple);
  return filter;
}

std::string_view SourceOf(const AttributeView& flow, Way way, IpFamily family) {
  const AttributeView tuple(flow.Find(way.tuple));
  return AttributeView(tuple.Find(CTA_TUPLE_IP)).Find(SourceAttribute(family));
}

Result<void> Forget(NetlinkSocket& netfilter, Way way, const IpAddress& source) {
  const IpFamily family = source.family();
  const auto flows = TRY(netfilter.List<Remembered>(
      AboutFlows("list an address's flows", IPCTNL_MSG_CT_GET, family, Filter(way, source)),
      [&](std::string_view body) -> std::optional<Remembered> {
        const AttributeView flow = BodyAttributes<nfgenmsg>(body);
        // Looked at again: a kernel before 5.8 knows no filter and sends every flow.
        if (SourceOf(flow, way, family) != source.Bytes()) return std::nullopt;
        return Remembered{.tuple = std::string(flow.Find(CTA_TUPLE_ORIG)),
                          .id = std::string(flow.Find(CTA_ID))};
      }));
  for (const Remembered& flow : flows) {
    Attributes which;
    which.Bytes(CTA_TUPLE_ORIG | NLA_F_NESTED, flow.tuple).Bytes(CTA_ID, flow.id);
    const auto sent =
        netfilter.Send(AboutFlows("forget a flow", IPCTNL_MSG_CT_DELETE, family, which));
    // One that has ended meanwhile is no loss.
    if (!sent && !sent.error().Is(ENOENT)) return Error(sent.error());
  }
  return {};
}

/// How many flows of either family there are; 1 if the kernel does not tell.
uint32_t CountFlows(NetlinkSocket& netfilter) {
  uint32_t count = 1;
  (void)netfilter.Ask(AboutFlows("count flows", IPCTNL_MSG_CT_GET_STATS, IpFamily::kIpv4, {}),
                      [&](std::string_view body) {
                        const AttributeView stats = BodyAttributes<nfgenmsg>(body);
                        const auto entries = stats.Find(CTA_STATS_GLOBAL_ENTRIES);
                        if (!entries.empty()) count = ntohl(FromBytes<uint32_t>(entries));
                      });
  return count;
}

}  // namespace

Result<void> ForgetFlowsOf(NetlinkSocket& netfilter, const std::vector<IpAddress>& addresses) {
  // The kernel's table has as many places as it has memory for: to look through an empty one takes
  // milliseconds as well.
  if (CountFlows(netfilter) == 0) return {};
  for (const IpAddress& address : addresses) {
    TRY(Forget(netfilter, kBegun, address));
    TRY(Forget(netfilter, kAnswered, address));
  }
  return {};
}

}  // namespace berth::net
