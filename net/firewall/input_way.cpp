#include "net/firewall/input_way.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <vector>

#include "base/files.h"
#include "base/text.h"
#include "net/firewall/table_names.h"
#include "net/links/addressing.h"
#include "net/links/host_links.h"
#include "net/links/link_messages.h"
#include "net/links/link_settings.h"
#include "net/links/veth.h"
#include "net/nft/references.h"

namespace berth::net {
namespace {

constexpr const char* kEntrance = "berthin0";
constexpr const char* kTable = "berth_input";  // of the families ip and ip6
constexpr const char* kMarking = "ask_input";  // of `inet berth`
constexpr const char* kCopying = "copy";

// Behind everybody's rules for what comes in.
constexpr int32_t kLast = 300;
// In no use between the two chains, which follow each other.
constexpr uint32_t kMark = 0x62740001;
constexpr int kMtu = 1500;

/// Where copies are sent, on the pair alone.
constexpr Ipv4 kTarget = Ipv4(0xa9feaa36);  // 169.254.170.54
constexpr Ipv6 kTarget6 = Ipv6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x62, 0x74});

uint8_t NftFamily(IpFamily family) {
  return family == IpFamily::kIpv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}
IpAddress TargetOf(IpFamily family) {
  return family == IpFamily::kIpv4 ? IpAddress(kTarget) : IpAddress(kTarget6);
}
MacAddress MacOf(const char* end) { return MacAddress::Derive(end); }

Result<void> CheckReversePathFilter() {
  const auto all = ReadFile("/proc/sys/net/ipv4/conf/all/rp_filter");
  if (!all || Trim(*all) != "1") return {};
  return MakeError(
      "net.ipv4.conf.all.rp_filter is 1, which drops what published ports that obey the host's "
      "input rules get: set it to 0, or to 2 (loose)");
}

bool HasIpv6() { return Exists("/proc/sys/net/ipv6/conf/all/disable_ipv6"); }

Result<void> MakePair(NetlinkSocket& host) {
  const Veth pair = {.hostName = kEntrance,
                     .taskName = kInputWayEnd,
                     .hostMac = MacOf(kEntrance),
                     .taskMac = MacOf(kInputWayEnd),
                     .mtu = kMtu,
                     .group = 0};
  const auto made = CreateVeth(host, pair, TRY(Netns::Current()));
  if (!made && !made.error().Is(EEXIST)) return made;
  return {};
}

/// Without addresses, and for the copies alone: their senders are anywhere.
NetlinkMessage SetUp(const char* name, int index) {
  Attributes settings, conf, family, attributes;
  settings.Number<uint32_t>(IPV4_DEVCONF_RP_FILTER, 0);
  conf.Nest(IFLA_INET_CONF, settings);
  family.Nest(AF_INET, conf);
  attributes.Nest(IFLA_AF_SPEC, family);
  return NewLink(fmt::format("set {} up", name), 0,
                 {.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP}, attributes);
}

/// Makes what is missing of the pair; the index of its entrance.
Result<int> ProvidePair(bool ipv6) {
  NetlinkSocket host = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  TRY(MakePair(host));
  const int entrance = TRY(LinkIndex(host, kEntrance));
  const int end = TRY(LinkIndex(host, kInputWayEnd));
  if (ipv6) {
    TRY(EnableIpv6(kEntrance));
    TRY(EnableIpv6(kInputWayEnd));
  }
  std::vector<NetlinkMessage> messages = {SetUp(kInputWayEnd, end), SetUp(kEntrance, entrance)};
  for (const IpFamily family : kFamilies) {
    if (family == IpFamily::kIpv6 && !ipv6) continue;
    messages.push_back(NewNeighbour(TargetOf(family), MacOf(kInputWayEnd), entrance));
    messages.push_back(NewHostRoute({.address = TargetOf(family), .link = entrance}));
  }
  const auto sent = host.Send(messages);
  if (!sent && !sent.error().Is(EEXIST)) return Error(sent.error());
  return entrance;
}

NftBatch CopyTable(IpFamily family, int entrance) {
  NftBatch batch(kTable, NftFamily(family));
  batch.AddTable("Berth published ports, behind the host's input rules")
      .AddBaseChain({.chain = kCopying,
                     .type = "filter",
                     .hook = NF_INET_LOCAL_IN,
                     .priority = kLast + 1,
                     .comment = "what the host's rules let in"})
      .FlushChain(kCopying)
      .AddRule(NftRule(kCopying)
                   .Load(NftField::kMark)
                   .Is(RawBytes(kMark))
                   .CopyTo(TargetOf(family), entrance)
                   .Drop());
  return batch;
}

}  // namespace

Result<void> OpenInputWay() {
  TRY(CheckReversePathFilter());
  const bool ipv6 = HasIpv6();
  const int entrance = TRY(ProvidePair(ipv6));
  NetlinkSocket netfilter = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  TRY(netfilter.Mark());
  for (const IpFamily family : kFamilies) {
    if (family == IpFamily::kIpv6 && !ipv6) continue;
    TRY(CopyTable(family, entrance)
            .Commit(netfilter)
            .Context("published ports that obey the host's input rules need the kernel's "
                     "CONFIG_NFT_DUP_IPV4 and _IPV6"));
  }
  return {};
}

Result<void> CloseInputWay(NetlinkSocket& netfilter) {
  for (const IpFamily family : kFamilies) {
    if (!TRY(FindNftTable(netfilter, kTable, NftFamily(family)))) continue;
    TRY(NftBatch(kTable, NftFamily(family)).DeleteTable().Commit(netfilter));
  }
  NetlinkSocket host = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  const auto index = LinkIndex(host, kEntrance);
  if (!index && index.error().Is(ENODEV)) return {};
  const ifinfomsg entrance = {.ifi_index = TRY(index)};
  const auto deleted = host.Send({.what = fmt::format("delete {}", kEntrance),
                                  .type = RTM_DELLINK,
                                  .body = NetlinkBody(entrance)});
  if (!deleted && !deleted.error().Is(ENODEV)) return deleted;
  return {};
}

void WriteInputWay(NftBatch& batch) {
  batch
      .AddBaseChain({.chain = kMarking,
                     .type = "filter",
                     .hook = NF_INET_LOCAL_IN,
                     .priority = kLast,
                     .comment = "published ports, behind the host's input rules"})
      .FlushChain(kMarking)
      .AddRule(NftRule(kMarking)
                   .Load(NftField::kInterfaceIn)
                   .Is(NftInterfaceName(kInputWayEnd))
                   .Accept());
  for (const IpFamily family : kFamilies) {
    NftRule begun(kMarking);
    begun.Load(NftField::kState).HasAnyBit(NF_CT_STATE_BIT(IP_CT_NEW)).Only(family);
    batch
        .AddRule(NftRule(begun)
                     .Load({DestinationOf(family), NftField::kProtocol, NftField::kDestinationPort})
                     .InMap(SetsOf(family).guardedAt)
                     .SetMark(kMark)
                     .Accept())
        .AddRule(NftRule(begun)
                     .Load({NftField::kProtocol, NftField::kDestinationPort})
                     .InMap(SetsOf(family).guarded)
                     .SetMark(kMark));
  }
}

Result<void> RemoveInputWay(NftBatch& batch, NetlinkSocket& netfilter) {
  if (TRY(FindNftChain(netfilter, kMarking))) batch.FlushChain(kMarking).DeleteChain(kMarking);
  return {};
}

bool WritesInputWay(const std::vector<NetlinkMessage>& messages) {
  return std::any_of(messages.begin(), messages.end(), [](const NetlinkMessage& message) {
    return NFNL_MSG_TYPE(message.type) == NFT_MSG_NEWCHAIN &&
           BodyAttributes<nfgenmsg>(message.body).Text(NFTA_CHAIN_NAME) == kMarking;
  });
}

}  // namespace berth::net
