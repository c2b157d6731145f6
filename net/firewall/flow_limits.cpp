#include "net/firewall/flow_limits.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>

#include <algorithm>

#include "base/files.h"
#include "base/text.h"
#include "net/firewall/table_names.h"
#include "net/links/host_links.h"

namespace berth::net {
namespace {

/// Flows that begin at a task, or lead to one.
struct Side {
  const char* chain;
  NftField interface;  // the task's
  const char* flows;
  const char* full;
  const char* too_many;  // chain for what is over the limit
  const char* drops;
};
constexpr Side kSides[] = {
    {"limit_flows_out", NftField::kInterfaceIn, kFlowsOut, kFullOut, "too_many_out", kFlowDropsOut},
    {"limit_flows_in", NftField::kInterfaceOut, kFlowsIn, kFullIn, "too_many_in", kFlowDropsIn},
};
constexpr const Side& kFrom = kSides[0];
constexpr const Side& kTo = kSides[1];

/// For how long a part that is full isn't asked again.
constexpr std::chrono::milliseconds kPause{100};

/// A limit as the parts have it. The hash does not fill them evenly: with 128 in each the first is
/// full when there are three quarters of the whole.
struct Parts {
  explicit Parts(uint32_t limit) : count(std::max(1U, limit / 128)), most(limit / count) {}
  uint32_t count;
  uint32_t most;  // flows in each
};

void WriteFlowSets(NftBatch& batch, const Side& side) {
  const std::vector<NftType> key = {kNftInterface, kNftMark};
  batch.AddSet({.name = side.flows, .key = key, .comment = "open flows", .filled = true})
      .AddSet({.name = side.full,
               .key = key,
               .comment = "where the limit of flows is reached",
               .filled = true,
               .kept = kPause});
}

/// What is looked at to tell in which part a flow is. Only the first packet counts, so it need not
/// be the same in the others: any protocol's first four bytes will do.
enum class Told { kByPorts, kByAddresses };

NftRule InPart(const Side& side, IpFamily family, Told told, const Parts& parts) {
  const size_t addresses = family == IpFamily::kIpv4 ? 2 * 4 : 2 * 16;
  NftRule rule(side.chain);
  rule.Only(family);
  if (told == Told::kByPorts) {
    rule.Load({SourceOf(family), DestinationOf(family), NftField::kPorts})
        .HashBehindInterface(addresses + 4, parts.count);
  } else {
    rule.Load({SourceOf(family), DestinationOf(family)})
        .HashBehindInterface(addresses, parts.count);
  }
  rule.Load(side.interface);
  return rule;
}

void WriteLimit(NftBatch& batch, const Side& side, uint32_t limit) {
  const Parts parts(limit);
  batch.FlushChain(side.chain);
  // By addresses: what is too short to have ports.
  for (const Told told : {Told::kByPorts, Told::kByAddresses}) {
    for (const IpFamily family : kFamilies) {
      const NftRule part = InPart(side, family, told, parts);
      batch.AddRule(NftRule(part).InSet(side.full).Goto(side.too_many))
          .AddRule(NftRule(part).CountsFlow(side.flows, parts.most).Accept())
          .AddRule(NftRule(part).AddTo(side.full).Goto(side.too_many));
    }
  }
}

void WriteTooMany(NftBatch& batch, const Side& side) {
  batch.AddChain(side.too_many)
      .FlushChain(side.too_many)
      .AddRule(NftRule(side.too_many).Load(side.interface).InSet(side.drops).Drop())
      .AddRule(NftRule(side.too_many).Drop());
}

/// Of type nat, though it translates nothing: the kernel asks such chains about the first packet of
/// a flow alone. Before those that may translate, since no other is asked after them.
void AddHook(NftBatch& batch, const char* chain, uint32_t hook, int32_t before, const Side& side,
             const char* comment) {
  const NftField group = &side == &kFrom ? NftField::kGroupIn : NftField::kGroupOut;
  batch
      .AddBaseChain({.chain = chain,
                     .type = "nat",
                     .hook = hook,
                     .priority = NF_IP_PRI_NAT_SRC - before,
                     .comment = comment})
      .FlushChain(chain)
      .AddRule(NftRule(chain).Load(group).Is(RawBytes(kLinkGroup)).Goto(side.chain));
}

}  // namespace

uint32_t DefaultFlowLimit() {
  constexpr uint32_t kUnknown = 8192;
  const std::string text = ReadFile("/proc/sys/net/netfilter/nf_conntrack_max").ValueOr("");
  const auto most = ParseInteger<uint32_t>(Trim(text));
  return most ? std::clamp(*most / 8, 1024U, kMostFlowLimit) : kUnknown;
}

void WriteFlowLimits(NftBatch& batch, uint32_t limit) {
  for (const Side& side : kSides) {
    WriteFlowSets(batch, side);
    WriteTooMany(batch, side);
    batch.AddChain(side.chain);
  }
  ChangeFlowLimit(batch, limit);
  AddHook(batch, "begun_by_tasks", NF_INET_POST_ROUTING, 2, kFrom, "flows that tasks begin");
  AddHook(batch, "begun_to_host", NF_INET_LOCAL_IN, 2, kFrom,
          "flows that tasks begin, to the host");
  AddHook(batch, "begun_to_tasks", NF_INET_POST_ROUTING, 1, kTo, "flows to tasks");
}

void ChangeFlowLimit(NftBatch& batch, uint32_t limit) {
  for (const Side& side : kSides) WriteLimit(batch, side, limit);
}

}  // namespace berth::net
