#include "net/firewall/flows.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/rtnetlink.h>

#include <string>

#include "net/addresses/address.h"
#include "net/netlink.h"

namespace berth::net {
namespace {

/// A flow as it began: where to, and the bytes that name it to the kernel.
struct Flow {
  std::string destination;  // as on the wire
  std::string tuple;        // CTA_TUPLE_ORIG
  std::string id;           // CTA_ID: tells it from a later one that looks the same
};

NetlinkMessage Request(const char* what, uint16_t type, const Attributes& attributes = {}) {
  const nfgenmsg header = {.nfgen_family = NFPROTO_IPV4, .version = NFNETLINK_V0};
  return {.what = what,
          .type = static_cast<uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | type),
          .body = NetlinkBody(header, attributes)};
}

std::optional<Flow> UdpFlowTo(const std::set<uint16_t>& ports, std::string_view body) {
  const AttributeView flow = BodyAttributes<nfgenmsg>(body);
  const AttributeView tuple(flow.Find(CTA_TUPLE_ORIG));
  const AttributeView protocol(tuple.Find(CTA_TUPLE_PROTO));
  const uint16_t port = ntohs(FromBytes<uint16_t>(protocol.Find(CTA_PROTO_DST_PORT)));
  if (FromBytes<uint8_t>(protocol.Find(CTA_PROTO_NUM)) != IPPROTO_UDP) return std::nullopt;
  if (!ports.contains(port)) return std::nullopt;
  return Flow{
      .destination = std::string(AttributeView(tuple.Find(CTA_TUPLE_IP)).Find(CTA_IP_V4_DST)),
      .tuple = std::string(flow.Find(CTA_TUPLE_ORIG)),
      .id = std::string(flow.Find(CTA_ID))};
}

/// Whether an address is the host's own. An address without a route is not.
bool IsLocal(NetlinkSocket& links, const std::string& address) {
  Attributes destination;
  destination.Bytes(RTA_DST, address);
  bool local = false;
  const auto asked = links.Ask(
      {.what = "find a route",
       .type = RTM_GETROUTE,
       .body = NetlinkBody(rtmsg{.rtm_family = AF_INET, .rtm_dst_len = 32}, destination)},
      [&](std::string_view body) { local = FromBytes<rtmsg>(body).rtm_type == RTN_LOCAL; });
  return asked && local;
}

}  // namespace

Result<void> ForgetUdpFlows(NetlinkSocket& netfilter, const std::set<uint16_t>& host_ports) {
  if (host_ports.empty()) return {};
  NetlinkSocket links = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  const auto flows =
      TRY(netfilter.List<Flow>(Request("list tracked flows", IPCTNL_MSG_CT_GET),
                               [&](std::string_view body) { return UdpFlowTo(host_ports, body); }));
  for (const Flow& flow : flows) {
    if (!IsLocal(links, flow.destination)) continue;
    Attributes which;
    which.Bytes(CTA_TUPLE_ORIG | NLA_F_NESTED, flow.tuple).Bytes(CTA_ID, flow.id);
    const auto sent = netfilter.Send(Request("forget a flow", IPCTNL_MSG_CT_DELETE, which));
    // One that has ended meanwhile is no loss.
    if (!sent && !sent.error().Is(ENOENT)) return Error(sent.error());
  }
  return {};
}

}  // namespace berth::net
