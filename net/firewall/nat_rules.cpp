#include "net/firewall/nat_rules.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

#include "net/firewall/input_way.h"
#include "net/firewall/table_names.h"
#include "net/links/host_links.h"

namespace berth::net {
namespace {

constexpr const char* kPublish = "publish";
constexpr const char* kPublishToHost = "publish_to_host";

void AddNatChain(NftBatch& batch, const NftHook& hook) {
  batch.AddBaseChain(hook).FlushChain(hook.chain);
}

/// Redirects to where the maps say, that of one address first.
void RedirectPorts(NftBatch& batch, const char* chain, IpFamily family, const char* at_one,
                   const char* at_all) {
  batch
      .AddRule(NftRule(chain)
                   .Only(family)
                   .Load({DestinationOf(family), NftField::kProtocol, NftField::kDestinationPort})
                   .DnatFrom(at_one, family))
      .AddRule(NftRule(chain)
                   .Only(family)
                   .Load({NftField::kProtocol, NftField::kDestinationPort})
                   .DnatFrom(at_all, family));
}

/// What no published port can be meant by.
void LetPass(NftBatch& batch, const char* chain) {
  batch
      .AddRule(NftRule(chain)
                   .Ipv4Only()
                   .Load(NftField::kDestination)
                   .InBlock(Ipv4Cidr::LinkLocal())
                   .Accept()
                   .Comment("the agent's, whatever is published"))
      .AddRule(NftRule(chain)
                   .Load(NftField::kDestinationType)
                   .IsNot(RawBytes(uint32_t{RTN_LOCAL}))
                   .Accept()
                   .Comment("not for the host"));
}

/// Ports that the host's input rules guard are for who is not asked, or has passed.
void WritePublishRules(NftBatch& batch) {
  constexpr const char* kGuarded = "publish_guarded";
  batch.AddChain(kGuarded, "behind the host's input rules").FlushChain(kGuarded);
  for (const char* chain : {kPublish, kPublishToHost}) {
    LetPass(batch, chain);
    for (const IpFamily family : kFamilies) {
      RedirectPorts(batch, chain, family, SetsOf(family).portsAt, SetsOf(family).ports);
    }
  }
  for (const IpFamily family : kFamilies) {
    RedirectPorts(batch, kGuarded, family, SetsOf(family).guardedAt, SetsOf(family).guarded);
  }
  batch.AddRule(NftRule(kPublish).Load(NftField::kGroupIn).Is(RawBytes(kLinkGroup)).Jump(kGuarded))
      .AddRule(NftRule(kPublish)
                   .Load(NftField::kInterfaceIn)
                   .Is(NftInterfaceName(kInputWayEnd))
                   .Jump(kGuarded))
      .AddRule(NftRule(kPublishToHost).Jump(kGuarded));
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
  AddNatChain(batch, {.chain = kPublish,
                      .type = "nat",
                      .hook = NF_INET_PRE_ROUTING,
                      .priority = NF_IP_PRI_NAT_DST,
                      .comment = "published ports"});
  AddNatChain(batch, {.chain = kPublishToHost,
                      .type = "nat",
                      .hook = NF_INET_LOCAL_OUT,
                      .priority = NF_IP_PRI_NAT_DST,
                      .comment = "published ports, from the host"});
  WritePublishRules(batch);
  AddNatChain(batch, {.chain = "masquerade",
                      .type = "nat",
                      .hook = NF_INET_POST_ROUTING,
                      .priority = NF_IP_PRI_NAT_SRC,
                      .comment = "tasks behind the host's address"});
  WriteMasqueradeRules(batch, "masquerade");
}

}  // namespace berth::net
