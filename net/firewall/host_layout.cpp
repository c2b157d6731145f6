#include "net/firewall/host_layout.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>

#include "net/firewall/host_services.h"
#include "net/links/links.h"

namespace berth::net {
namespace {

const std::string kOurs = RawBytes(kLinkGroup);

/// Accepts what belongs to a connection that was let in, drops what belongs to none.
void WriteStateRules(NftBatch& batch, const char* chain) {
  constexpr uint32_t kKnown = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED);
  batch.AddRule(NftRule(chain).Load(NftField::kState).HasAnyBit(kKnown).Accept())
      .AddRule(NftRule(chain).Load(NftField::kState).HasAnyBit(NF_CT_STATE_INVALID_BIT).Drop());
}

void WriteSets(NftBatch& batch) {
  using Values = NftSet::Values;
  const std::vector<NftType> address = {kNftIpv4};
  batch
      .AddSet({.name = kPins,
               .key = {kNftInterface, kNftEther, kNftIpv4},
               .comment = "what a task's interface may send as"})
      .AddSet({.name = kEgress,
               .key = {kNftInterface},
               .values = Values::kVerdicts,
               .comment = "rules for what a task sends"})
      .AddSet({.name = kIngress,
               .key = address,
               .values = Values::kVerdicts,
               .comment = "rules for what a task gets"})
      .AddSet({.name = kBridge, .key = address, .comment = "bridge mode"})
      .AddSet({.name = kMasqueraded, .key = address, .comment = "unknown outside the host"})
      .AddSet({.name = kPorts,
               .key = {kNftProtocol, kNftPort},
               .values = Values::kData,
               .data = {kNftIpv4, kNftPort},
               .comment = "published ports"})
      .AddSet({.name = kHairpin, .key = {kNftIpv4, kNftIpv4}, .comment = "tasks with ports"});
}

void WriteSourceCheck(NftBatch& batch) {
  constexpr const char* kChain = "source_check";
  const std::string ipv4 = RawBytes(uint8_t{NFPROTO_IPV4});
  batch
      .AddBaseChain({.chain = kChain,
                     .type = "filter",
                     .hook = NF_INET_PRE_ROUTING,
                     .priority = NF_IP_PRI_RAW,
                     .comment = "tasks send as themselves alone"})
      .FlushChain(kChain)
      .AddRule(NftRule(kChain).Load(NftField::kGroupIn).IsNot(kOurs).Accept())
      .AddRule(NftRule(kChain).Load(NftField::kNetworkProtocol).IsNot(ipv4).Drop())
      // Their interfaces route it, for the ports on 127.0.0.1.
      .AddRule(NftRule(kChain)
                   .Ipv4Only()
                   .Load(NftField::kDestination)
                   .InBlock(Ipv4Cidr::Loopback())
                   .Drop()
                   .Comment("the host's loopback"))
      .AddRule(NftRule(kChain)
                   .EthernetOnly()
                   .Ipv4Only()
                   .Load({NftField::kInterfaceIn, NftField::kEtherSource, NftField::kSource})
                   .InSet(kPins)
                   .Accept())
      .AddRule(NftRule(kChain).Drop());
}

void WriteHooks(NftBatch& batch) {
  const auto filter = [&](const char* chain, uint32_t hook, const char* comment) {
    batch.AddBaseChain({.chain = chain,
                        .type = "filter",
                        .hook = hook,
                        .priority = NF_IP_PRI_FILTER,
                        .comment = comment});
    batch.FlushChain(chain);
  };
  filter("forward", NF_INET_FORWARD, "to and from tasks");
  batch.AddRule(NftRule("forward").Load(NftField::kGroupIn).Is(kOurs).Goto("from_task"))
      .AddRule(NftRule("forward").Load(NftField::kGroupOut).Is(kOurs).Goto("to_task"));
  filter("input", NF_INET_LOCAL_IN, "from tasks to the host");
  batch.AddRule(NftRule("input").Load(NftField::kGroupIn).Is(kOurs).Goto("from_task"));
  filter("output", NF_INET_LOCAL_OUT, "from the host to tasks");
  constexpr uint32_t kKnown = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED);
  batch
      .AddRule(NftRule("output").Load(NftField::kState).HasAnyBit(kKnown).Accept())
      // By address: to a published port, the hook still has the interface of before it was
      // redirected.
      .AddRule(NftRule("output").Ipv4Only().Load(NftField::kDestination).VerdictFrom(kIngress))
      .AddRule(NftRule("output").Load(NftField::kGroupOut).Is(kOurs).Drop());
}

void WriteStages(NftBatch& batch) {
  for (const char* chain : {"from_task", kAdmittedChain, "to_task", "to_task_new"}) {
    batch.AddChain(chain).FlushChain(chain);
  }
  WriteStateRules(batch, "from_task");
  AcceptHostServices(batch, "from_task");
  batch
      .AddRule(NftRule("from_task")
                   .Ipv4Only()
                   .Load(NftField::kDestination)
                   .InBlock(Ipv4Cidr::LinkLocal())
                   .ResetTcp()
                   .Comment("instance metadata"))
      .AddRule(NftRule("from_task")
                   .Ipv4Only()
                   .Load(NftField::kDestination)
                   .InBlock(Ipv4Cidr::LinkLocal())
                   .Reject()
                   .Comment("instance metadata"))
      .AddRule(NftRule("from_task").Load(NftField::kInterfaceIn).VerdictFrom(kEgress))
      .AddRule(NftRule("from_task").Drop());
  batch.AddRule(NftRule(kAdmittedChain).Load(NftField::kGroupOut).Is(kOurs).Goto("to_task_new"))
      .AddRule(NftRule(kAdmittedChain).Accept());
  WriteStateRules(batch, "to_task");
  batch.AddRule(NftRule("to_task").Goto("to_task_new"));
  batch
      .AddRule(NftRule("to_task_new").Ipv4Only().Load(NftField::kDestination).VerdictFrom(kIngress))
      .AddRule(NftRule("to_task_new").Drop());
}

void WriteBridgePolicy(NftBatch& batch) {
  const std::string local = RawBytes(uint32_t{RTN_LOCAL});
  batch.AddChain(kBridgeIngressChain, "bridge mode")
      .FlushChain(kBridgeIngressChain)
      .AddRule(
          NftRule(kBridgeIngressChain).Ipv4Only().Load(NftField::kSource).InSet(kBridge).Accept())
      .AddRule(NftRule(kBridgeIngressChain)
                   .Load(NftField::kStatus)
                   .HasAnyBit(IPS_DST_NAT)
                   .Accept()
                   .Comment("published ports"))
      .AddRule(NftRule(kBridgeIngressChain)
                   .Load(NftField::kSourceType)
                   .Is(local)
                   .Accept()
                   .Comment("the host"))
      .AddRule(NftRule(kBridgeIngressChain).Drop());
  batch.AddChain(kBridgeEgressChain, "bridge mode")
      .FlushChain(kBridgeEgressChain)
      .AddRule(NftRule(kBridgeEgressChain).Goto(kAdmittedChain));
}

void WriteNat(NftBatch& batch) {
  const std::string local = RawBytes(uint32_t{RTN_LOCAL});
  const auto nat = [&](const char* chain, uint32_t hook, int32_t priority, const char* comment) {
    batch.AddBaseChain(
        {.chain = chain, .type = "nat", .hook = hook, .priority = priority, .comment = comment});
    batch.FlushChain(chain);
  };
  const auto publish = [&](const char* chain) {
    batch.AddRule(NftRule(chain)
                      .Ipv4Only()
                      .Load(NftField::kDestination)
                      .InBlock(Ipv4Cidr::LinkLocal())
                      .Accept()
                      .Comment("the agent's, whatever is published"));
    batch.AddRule(NftRule(chain)
                      .Ipv4Only()
                      .Load(NftField::kDestinationType)
                      .Is(local)
                      .Load({NftField::kProtocol, NftField::kDestinationPort})
                      .DnatFrom(kPorts));
  };
  nat("publish", NF_INET_PRE_ROUTING, NF_IP_PRI_NAT_DST, "published ports");
  publish("publish");
  nat("publish_to_host", NF_INET_LOCAL_OUT, NF_IP_PRI_NAT_DST, "published ports, from the host");
  publish("publish_to_host");
  nat("masquerade", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC, "tasks behind the host's address");
  batch
      .AddRule(NftRule("masquerade")
                   .Load(NftField::kGroupOut)
                   .Is(kOurs)
                   .Ipv4Only()
                   .Load(NftField::kSource)
                   .InBlock(Ipv4Cidr::Loopback())
                   .Masquerade()
                   .Comment("from 127.0.0.1 to a published port"))
      .AddRule(NftRule("masquerade")
                   .Ipv4Only()
                   .Load({NftField::kSource, NftField::kDestination})
                   .InSet(kHairpin)
                   .Masquerade()
                   .Comment("a task to its own published port"))
      .AddRule(NftRule("masquerade")
                   .Load(NftField::kGroupOut)
                   .IsNot(kOurs)
                   .Ipv4Only()
                   .Load(NftField::kSource)
                   .InSet(kMasqueraded)
                   .Masquerade());
}

}  // namespace

void WriteLayout(NftBatch& batch) {
  batch.AddTable(kLayout);
  WriteSets(batch);
  WriteStages(batch);
  WriteBridgePolicy(batch);
  WriteSourceCheck(batch);
  WriteHooks(batch);
  WriteNat(batch);
}

}  // namespace berth::net
