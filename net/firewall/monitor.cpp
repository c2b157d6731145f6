#include "net/firewall/monitor.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "net/netlink.h"
#include "net/nft/batch.h"

namespace berth::net {
namespace {

// Room for what a host of ten thousand tasks tells when its table is written anew.
constexpr int kReceiveBuffer = 16 << 20;

uint32_t BigEndianIn(const AttributeView& attributes, uint16_t type) {
  return ntohl(FromBytes<uint32_t>(attributes.Find(type)));
}

/// Whether a message is about something in one of our tables. Every kind of object has the name of
/// its table in its first attribute.
bool IsAboutOurs(std::string_view body) {
  if (FromBytes<nfgenmsg>(body).nfgen_family != NFPROTO_INET) return false;
  const std::string table = BodyAttributes<nfgenmsg>(body).Text(NFTA_TABLE_NAME);
  return table == kBerthTable || table == kAgentTable || table == kResolverTable;
}

Intrusion Author(std::string_view body) {
  const AttributeView generation = BodyAttributes<nfgenmsg>(body);
  return {.by = fmt::format("{} (pid {})", generation.Text(NFTA_GEN_PROC_NAME),
                            BigEndianIn(generation, NFTA_GEN_PROC_PID)),
          .generation = BigEndianIn(generation, NFTA_GEN_ID)};
}

}  // namespace

Result<FirewallMonitor> FirewallMonitor::Open() {
  return FirewallMonitor(TRY(NetlinkListener::Open(NETLINK_NETFILTER, NFNLGRP_NFTABLES,
                                                   "changes of nftables", kReceiveBuffer)));
}

Result<std::optional<Intrusion>> FirewallMonitor::Take() {
  std::optional<Intrusion> intrusion;
  const auto handle = [&](const nlmsghdr& header, std::string_view body) {
    if (header.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN)) {
      if (touched_) intrusion = Author(body);
      touched_ = false;
    } else if (!NetlinkSocket::IsMarked(header.nlmsg_pid) && IsAboutOurs(body)) {
      touched_ = true;
    }
  };
  const auto lost = [&] {
    intrusion = Intrusion();
    touched_ = false;
  };
  TRY(listener_.Take(handle, lost));
  return intrusion;
}

}  // namespace berth::net
