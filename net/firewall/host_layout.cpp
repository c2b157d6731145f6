#include "net/firewall/host_layout.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter_ipv4.h>

#include "net/firewall/drops.h"
#include "net/firewall/flow_limits.h"
#include "net/firewall/nat_rules.h"
#include "net/firewall/source_check.h"
#include "net/firewall/stages.h"
#include "net/firewall/table_names.h"
#include "net/links/host_links.h"

namespace berth::net {
namespace {

void WriteFamilySets(NftBatch& batch, IpFamily family) {
  using Values = NftSet::Values;
  const FamilySets& names = SetsOf(family);
  const NftType address = family == IpFamily::kIpv4 ? kNftIpv4 : kNftIpv6;
  batch
      .AddSet({.name = names.pins,
               .key = {kNftInterface, kNftEther, address},
               .comment = "what a task's interface may send as"})
      .AddSet({.name = names.ingress,
               .key = {address},
               .values = Values::kVerdicts,
               .comment = "rules for what a task gets"})
      .AddSet({.name = names.homes, .key = {address}, .comment = "of tasks, and of nobody else"})
      .AddSet({.name = names.bridge, .key = {address}, .comment = "bridge mode"})
      .AddSet({.name = names.masqueraded, .key = {address}, .comment = "unknown outside the host"});
  const auto add_ports = [&](const char* name, std::vector<NftType> key, const char* comment) {
    batch.AddSet({.name = name,
                  .key = std::move(key),
                  .values = Values::kData,
                  .data = {address, kNftPort},
                  .comment = comment});
  };
  add_ports(names.ports, {kNftProtocol, kNftPort}, "published ports");
  add_ports(names.portsAt, {address, kNftProtocol, kNftPort}, "published on one address");
  add_ports(names.guarded, {kNftProtocol, kNftPort}, "published behind the host's input rules");
  add_ports(names.guardedAt, {address, kNftProtocol, kNftPort}, "the same on one address");
  batch.AddSet({.name = names.hairpin, .key = {address, address}, .comment = "tasks with ports"});
}

void WriteSets(NftBatch& batch) {
  for (const IpFamily family : kFamilies) WriteFamilySets(batch, family);
  batch.AddSet({.name = kEgress,
                .key = {kNftInterface},
                .values = NftSet::Values::kVerdicts,
                .comment = "rules for what a task sends"});
}

void WriteHooks(NftBatch& batch) {
  const std::string ours = RawBytes(kLinkGroup);
  const auto filter = [&](const char* chain, uint32_t hook, const char* comment) {
    batch.AddBaseChain({.chain = chain,
                        .type = "filter",
                        .hook = hook,
                        .priority = NF_IP_PRI_FILTER,
                        .comment = comment});
    batch.FlushChain(chain);
  };
  filter("forward", NF_INET_FORWARD, "to and from tasks");
  batch.AddRule(NftRule("forward").Load(NftField::kGroupIn).Is(ours).Goto(kFromTaskChain))
      .AddRule(NftRule("forward").Load(NftField::kGroupOut).Is(ours).Goto(kToTaskChain));
  filter("input", NF_INET_LOCAL_IN, "from tasks to the host");
  batch.AddRule(NftRule("input").Load(NftField::kGroupIn).Is(ours).Goto(kFromTaskChain));
  filter("output", NF_INET_LOCAL_OUT, "from the host to tasks");
  constexpr uint32_t kKnown = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED);
  batch.AddRule(NftRule("output").Load(NftField::kState).HasAnyBit(kKnown).Accept());
  for (const IpFamily family : kFamilies) {
    // By address: to a published port, the hook still has the interface of before it was
    // redirected.
    batch.AddRule(NftRule("output")
                      .Only(family)
                      .Load(DestinationOf(family))
                      .VerdictFrom(SetsOf(family).ingress));
  }
  batch.AddRule(NftRule("output").Load(NftField::kGroupOut).Is(ours).Drop());
}

}  // namespace

void WriteLayout(NftBatch& batch) {
  batch.AddTable(kLayout);
  WriteSets(batch);
  WriteDropSets(batch);
  WriteStages(batch);
  WriteBridgePolicy(batch);
  WriteSourceCheck(batch);
  WriteHooks(batch);
  WriteNat(batch);
  WriteFlowLimits(batch, DefaultFlowLimit());
}

}  // namespace berth::net
