#include "net/firewall/source_check.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>

#include "net/firewall/table_names.h"
#include "net/links/host_links.h"

namespace berth::net {
namespace {

constexpr const char* kChain = "source_check";
// Types of ICMPv6 (RFC 4861, 4): solicitations and advertisements of routers and neighbours,
// redirects.
constexpr uint8_t kFirstOfDiscovery = 133;
constexpr uint8_t kLastOfDiscovery = 137;

NftRule PinnedSource(IpFamily family) {
  NftRule rule(kChain);
  rule.EthernetOnly()
      .Only(family)
      .Load({NftField::kInterfaceIn, NftField::kEtherSource, SourceOf(family)})
      .InSet(SetsOf(family).pins)
      .Accept();
  return rule;
}

}  // namespace

void WriteSourceCheck(NftBatch& batch) {
  const std::string ours = RawBytes(kLinkGroup);
  batch
      .AddBaseChain({.chain = kChain,
                     .type = "filter",
                     .hook = NF_INET_PRE_ROUTING,
                     .priority = NF_IP_PRI_RAW,
                     .comment = "tasks send as themselves alone"})
      .FlushChain(kChain)
      .AddRule(NftRule(kChain).Load(NftField::kGroupIn).IsNot(ours).Accept())
      // Their interfaces route it, for the ports on 127.0.0.1.
      .AddRule(NftRule(kChain)
                   .Ipv4Only()
                   .Load(NftField::kDestination)
                   .InBlock(Ipv4Cidr::Loopback())
                   .Drop()
                   .Comment("the host's loopback"))
      .AddRule(NftRule(kChain)
                   .Ipv6Only()
                   .Load(NftField::kProtocol)
                   .Is(RawBytes(uint8_t{IPPROTO_ICMPV6}))
                   .Load(NftField::kIcmpType)
                   .InRange(RawBytes(kFirstOfDiscovery), RawBytes(kLastOfDiscovery))
                   .Drop()
                   .Comment("routers, neighbours and redirects"));
  for (const IpFamily family : kFamilies) batch.AddRule(PinnedSource(family));
  batch.AddRule(NftRule(kChain).Drop());
}

}  // namespace berth::net
