#include "net/firewall/nat_rules.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

#include "net/firewall/table_names.h"
#include "net/links/host_links.h"

namespace berth::net {
namespace {

void AddNatChain(NftBatch& batch, const NftHook& hook) {
  batch.AddBaseChain(hook).FlushChain(hook.chain);
}

void WritePublishRules(NftBatch& batch, const char* chain) {
  batch.AddRule(NftRule(chain)
                    .Ipv4Only()
                    .Load(NftField::kDestination)
                    .InBlock(Ipv4Cidr::LinkLocal())
                    .Accept()
                    .Comment("the agent's, whatever is published"));
  for (const IpFamily family : kFamilies) {
    NftRule to_host(chain);
    to_host.Only(family).Load(NftField::kDestinationType).Is(RawBytes(uint32_t{RTN_LOCAL}));
    batch
        .AddRule(NftRule(to_host)
                     .Load({DestinationOf(family), NftField::kProtocol, NftField::kDestinationPort})
                     .DnatFrom(SetsOf(family).portsAt, family))
        .AddRule(NftRule(to_host)
                     .Load({NftField::kProtocol, NftField::kDestinationPort})
                     .DnatFrom(SetsOf(family).ports, family));
  }
}

void WriteMasqueradeRules(NftBatch& batch, const char* chain) {
  const std::string ours = RawBytes(kLinkGroup);
  batch.AddRule(NftRule(chain)
                    .Load(NftField::kGroupOut)
                    .Is(ours)
                    .Ipv4Only()
                    .Load(NftField::kSource)
                    .InBlock(Ipv4Cidr::Loopback())
                    .Masquerade()
                    .Comment("from 127.0.0.1 to a published port"));
  for (const IpFamily family : kFamilies) {
    const NftField source = SourceOf(family);
    batch
        .AddRule(NftRule(chain)
                     .Only(family)
                     .Load({source, DestinationOf(family)})
                     .InSet(SetsOf(family).hairpin)
                     .Masquerade()
                     .Comment("a task to its own published port"))
        .AddRule(NftRule(chain)
                     .Load(NftField::kGroupOut)
                     .IsNot(ours)
                     .Only(family)
                     .Load(source)
                     .InSet(SetsOf(family).masqueraded)
                     .Masquerade());
  }
}

}  // namespace

void WriteNat(NftBatch& batch) {
  AddNatChain(batch, {.chain = "publish",
                      .type = "nat",
                      .hook = NF_INET_PRE_ROUTING,
                      .priority = NF_IP_PRI_NAT_DST,
                      .comment = "published ports"});
  WritePublishRules(batch, "publish");
  AddNatChain(batch, {.chain = "publish_to_host",
                      .type = "nat",
                      .hook = NF_INET_LOCAL_OUT,
                      .priority = NF_IP_PRI_NAT_DST,
                      .comment = "published ports, from the host"});
  WritePublishRules(batch, "publish_to_host");
  AddNatChain(batch, {.chain = "masquerade",
                      .type = "nat",
                      .hook = NF_INET_POST_ROUTING,
                      .priority = NF_IP_PRI_NAT_SRC,
                      .comment = "tasks behind the host's address"});
  WriteMasqueradeRules(batch, "masquerade");
}

}  // namespace berth::net
