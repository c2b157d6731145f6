#include <arpa/inet.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>

#include "agent/doctor/findings.h"
#include "agent/doctor/trial.h"
#include "base/files.h"
#include "base/text.h"
#include "net/links/bandwidth.h"
#include "net/netlink.h"

namespace berth::doctor {
namespace {

using net::Attributes;
using net::NetlinkBody;
using net::NetlinkMessage;
using net::NetlinkSocket;

// -- nftables: each trial is one batch in a network namespace of its own
// ------------------------------

constexpr uint8_t kInet = NFPROTO_INET;
const std::string kTable = "berth-doctor";

NetlinkMessage Nft(const std::string& what, uint8_t family, int type,
                   const Attributes& attributes) {
  return {.what = what,
          .type = static_cast<uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | type),
          .flags = NLM_F_CREATE,
          .body = NetlinkBody(nfgenmsg{.nfgen_family = family}, attributes)};
}

NetlinkMessage BatchEdge(uint16_t type) {
  const nfgenmsg header = {.res_id = htons(NFNL_SUBSYS_NFTABLES)};
  return {.what = "batch", .type = type, .flags = 0, .body = NetlinkBody(header)};
}

// A table of the family with this one more thing in it.
Result<void> TryInTable(uint8_t family, const NetlinkMessage& thing) {
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  const std::vector<NetlinkMessage> batch = {
      BatchEdge(NFNL_MSG_BATCH_BEGIN),
      Nft("table", family, NFT_MSG_NEWTABLE, Attributes().Text(NFTA_TABLE_NAME, kTable)),
      thing,
      BatchEdge(NFNL_MSG_BATCH_END),
  };
  return socket.Send(batch);
}

struct BaseChain {
  const char* type;  // "filter", "nat"
  uint32_t hook;     // NF_INET_*, NF_NETDEV_*
  const char* device = nullptr;
};

NetlinkMessage Chain(uint8_t family, const BaseChain& chain) {
  Attributes hook;
  hook.BigEndian(NFTA_HOOK_HOOKNUM, chain.hook).BigEndian(NFTA_HOOK_PRIORITY, 0);
  if (chain.device != nullptr) hook.Text(NFTA_HOOK_DEV, chain.device);
  return Nft("chain", family, NFT_MSG_NEWCHAIN,
             Attributes()
                 .Text(NFTA_CHAIN_TABLE, kTable)
                 .Text(NFTA_CHAIN_NAME, "chain")
                 .Nest(NFTA_CHAIN_HOOK, hook)
                 .Text(NFTA_CHAIN_TYPE, chain.type));
}

Result<void> TryFilter() {
  return TryInTable(kInet, Chain(kInet, {.type = "filter", .hook = NF_INET_FORWARD}));
}

Result<void> TryNat() {
  return TryInTable(kInet, Chain(kInet, {.type = "nat", .hook = NF_INET_POST_ROUTING}));
}

Result<void> TryIngress() {
  return TryInTable(
      NFPROTO_NETDEV,
      Chain(NFPROTO_NETDEV, {.type = "filter", .hook = NF_NETDEV_INGRESS, .device = "lo"}));
}

Attributes Set(uint32_t flags, uint32_t key_size) {
  return Attributes()
      .Text(NFTA_SET_TABLE, kTable)
      .Text(NFTA_SET_NAME, "set")
      .BigEndian(NFTA_SET_ID, 1)
      .BigEndian(NFTA_SET_FLAGS, flags)
      .BigEndian(NFTA_SET_KEY_TYPE, 0)
      .BigEndian(NFTA_SET_KEY_LEN, key_size);
}

Result<void> TryVerdictMap() {
  Attributes map = Set(NFT_SET_MAP, 4);
  map.BigEndian(NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT).BigEndian(NFTA_SET_DATA_LEN, 0);
  return TryInTable(kInet, Nft("verdict map", kInet, NFT_MSG_NEWSET, map));
}

// An address and a port, each with a range: what a security group's rules are made of.
Result<void> TryRanges() {
  Attributes fields;
  for (const uint32_t size : {4U, 2U}) {
    fields.Nest(NFTA_LIST_ELEM, Attributes().BigEndian(NFTA_SET_FIELD_LEN, size));
  }
  Attributes set = Set(NFT_SET_INTERVAL | NFT_SET_CONCAT, 8);
  set.Nest(NFTA_SET_DESC, Attributes().Nest(NFTA_SET_DESC_CONCAT, fields));
  return TryInTable(kInet, Nft("set of ranges", kInet, NFT_MSG_NEWSET, set));
}

Result<void> TryFlowtable() {
  const Attributes hook = Attributes()
                              .BigEndian(NFTA_FLOWTABLE_HOOK_NUM, NF_NETDEV_INGRESS)
                              .BigEndian(NFTA_FLOWTABLE_HOOK_PRIORITY, 0);
  return TryInTable(kInet, Nft("flowtable", kInet, NFT_MSG_NEWFLOWTABLE,
                               Attributes()
                                   .Text(NFTA_FLOWTABLE_TABLE, kTable)
                                   .Text(NFTA_FLOWTABLE_NAME, "flows")
                                   .Nest(NFTA_FLOWTABLE_HOOK, hook)));
}

// -- interfaces
// -------------------------------------------------------------------------------------

Result<void> MakeLink(const char* kind, const std::string& name, Attributes extra) {
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  extra.Text(IFLA_IFNAME, name).Nest(IFLA_LINKINFO, Attributes().Text(IFLA_INFO_KIND, kind));
  return socket.Send({.what = fmt::format("make an interface of kind {}", kind),
                      .type = RTM_NEWLINK,
                      .flags = NLM_F_CREATE | NLM_F_EXCL,
                      .body = NetlinkBody(ifinfomsg{}, extra)});
}

Result<void> TryVeth() { return MakeLink("veth", "doctor", {}); }

// On a veth, since it needs some device below it.
Result<void> TryMacvlan() {
  TRY(MakeLink("veth", "doctor", {}));
  const uint32_t below = ::if_nametoindex("doctor");
  return MakeLink("macvlan", "doctor2", Attributes().Number(IFLA_LINK, below));
}

Result<void> TryBandwidth() {
  TRY(MakeLink("veth", "doctor", {}));
  NetlinkSocket socket = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  const net::RateLimit limit = {.bitsPerSecond = 1'000'000};
  return net::LimitBandwidth(socket, "doctor", {.egress = limit, .ingress = limit});
}

// -- the table
// --------------------------------------------------------------------------------------

struct NftAbility {
  Verdict verdict;
  Result<void> (*attempt)();
};

std::vector<NftAbility> NftAbilities() {
  const auto config = [](std::string_view option) {
    return fmt::format("run a kernel with {} (or load its module)", option);
  };
  return {
      {{"nftables", "tables and chains", State::kMissing, config("CONFIG_NF_TABLES_INET")},
       TryFilter},
      {{"nftables.nat", "address translation", State::kMissing, config("CONFIG_NFT_NAT")}, TryNat},
      {{"nftables.maps", "verdict maps", State::kMissing, config("CONFIG_NF_TABLES")},
       TryVerdictMap},
      {{"nftables.ranges", "sets of address and port ranges", State::kMissing,
        "run Linux 5.15 or newer"},
       TryRanges},
      {{"nftables.ingress", "chains at an interface's entrance", State::kMissing,
        config("CONFIG_NF_TABLES_NETDEV")},
       TryIngress},
      {{"nftables.flowtable", "forwarded connections can take the short way", State::kLimited,
        config("CONFIG_NF_FLOW_TABLE") + "; without it forwarding costs more CPU"},
       TryFlowtable},
      {{"veth", "can be made", State::kMissing, config("CONFIG_VETH")}, TryVeth},
      {{"macvlan", "can be made", State::kLimited,
        config("CONFIG_MACVLAN") + " for tasks with addresses of the host's own network"},
       TryMacvlan},
      {{"bandwidth", "can be limited", State::kLimited,
        config("CONFIG_IFB, NET_SCH_TBF, NET_SCH_INGRESS, NET_CLS_U32, NET_ACT_MIRRED") +
            "; without them tasks that ask for a limit are refused"},
       TryBandwidth},
  };
}

Finding ExamineForwarding() {
  const auto value = ReadFile("/proc/sys/net/ipv4/ip_forward");
  Finding finding = {.name = "forwarding"};
  if (!value) {
    finding.state = State::kMissing;
    finding.found = value.error().message();
    finding.change = "mount proc on /proc";
  } else if (Trim(*value) == "1") {
    finding.found = "IPv4 is forwarded";
  } else {
    finding.found = "IPv4 is not forwarded; the first task that needs it turns it on";
  }
  return finding;
}

}  // namespace

std::vector<Finding> NetworkFindings() {
  std::vector<Finding> findings;
  for (const NftAbility& ability : NftAbilities()) {
    findings.push_back(Judge(ability.verdict, TryInChild(CLONE_NEWNET, ability.attempt)));
  }
  findings.push_back(ExamineForwarding());
  return findings;
}

}  // namespace berth::doctor
