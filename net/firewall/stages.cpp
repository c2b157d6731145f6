#include "net/firewall/stages.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include "net/firewall/drops.h"
#include "net/firewall/host_services.h"
#include "net/firewall/midstream.h"
#include "net/firewall/table_names.h"
#include "net/links/host_links.h"

namespace berth::net {
namespace {

constexpr const char* kToTaskNewChain = "to_task_new";

/// Where clouds serve a machine's own credentials and settings, and where nothing else is.
constexpr Ipv6Cidr kMetadataBlocks[] = {
    // Amazon, fd00:ec2::/32: metadata, DNS, time, credentials.
    Ipv6Cidr::Around(Ipv6({0xfd, 0x00, 0x0e, 0xc2}), 32),
    // Google, fd20:ce::254.
    Ipv6Cidr::Around(Ipv6({0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54}), 128),
    // Oracle, fd00:c1::a9fe:a9fe.
    Ipv6Cidr::Around(Ipv6({0xfd, 0x00, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0, 0, 0xa9, 0xfe, 0xa9, 0xfe}),
                     128),
};

/// Accepts what belongs to a connection that was let in, drops what belongs to none.
void WriteStateRules(NftBatch& batch, const char* chain) {
  constexpr uint32_t kKnown = NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED);
  batch.AddRule(NftRule(chain).Load(NftField::kState).HasAnyBit(kKnown).Accept())
      .AddRule(NftRule(chain).Load(NftField::kState).HasAnyBit(NF_CT_STATE_INVALID_BIT).Drop());
}

/// Refused at once, so that what looks for a cloud stops looking.
template <typename Cidr>
void RefuseBlock(NftBatch& batch, IpFamily family, NftField field, const Cidr& block,
                 const char* comment) {
  const auto match = [&] {
    NftRule rule(kFromTaskChain);
    rule.Only(family).Load(field).InBlock(block).Comment(comment);
    return rule;
  };
  batch.AddRule(match().ResetTcp()).AddRule(match().Reject());
}

void WriteFromTask(NftBatch& batch) {
  WriteStateRules(batch, kFromTaskChain);
  DropMidstream(batch, kFromTaskChain);
  AcceptHostServices(batch, kFromTaskChain);
  RefuseBlock(batch, IpFamily::kIpv4, NftField::kDestination, Ipv4Cidr::LinkLocal(),
              "instance metadata");
  for (const Ipv6Cidr& block : kMetadataBlocks) {
    RefuseBlock(batch, IpFamily::kIpv6, NftField::kDestination6, block, "instance metadata");
  }
  RefuseBlock(batch, IpFamily::kIpv4, NftField::kSource, Ipv4Cidr::LinkLocal(),
              "an address for the host's services alone");
  batch.AddRule(NftRule(kFromTaskChain).Load(NftField::kInterfaceIn).VerdictFrom(kEgress))
      .AddRule(NftRule(kFromTaskChain).Drop());
}

}  // namespace

void WriteStages(NftBatch& batch) {
  for (const char* chain : {kFromTaskChain, kAdmittedChain, kToTaskChain, kToTaskNewChain}) {
    batch.AddChain(chain).FlushChain(chain);
  }
  WriteFromTask(batch);
  batch
      .AddRule(NftRule(kAdmittedChain)
                   .Load(NftField::kGroupOut)
                   .Is(RawBytes(kLinkGroup))
                   .Goto(kToTaskNewChain))
      .AddRule(NftRule(kAdmittedChain).Accept());
  for (const IpFamily family : kFamilies) {
    batch.AddRule(NftRule(kToTaskChain)
                      .Only(family)
                      .Load(SourceOf(family))
                      .InSet(SetsOf(family).homes)
                      .Drop()
                      .Comment("another task's address, but not from its interface"));
  }
  WriteStateRules(batch, kToTaskChain);
  batch.AddRule(NftRule(kToTaskChain).Goto(kToTaskNewChain));
  for (const IpFamily family : kFamilies) {
    batch.AddRule(NftRule(kToTaskNewChain)
                      .Only(family)
                      .Load(DestinationOf(family))
                      .VerdictFrom(SetsOf(family).ingress));
  }
  batch.AddRule(NftRule(kToTaskNewChain).Drop());
}

void WriteBridgePolicy(NftBatch& batch) {
  const char* in = kBridgeIngressChain;
  batch.AddChain(in, "bridge mode").FlushChain(in);
  DropMidstream(batch, in);
  for (const IpFamily family : kFamilies) {
    batch.AddRule(
        NftRule(in).Only(family).Load(SourceOf(family)).InSet(SetsOf(family).bridge).Accept());
  }
  batch
      .AddRule(NftRule(in)
                   .Load(NftField::kStatus)
                   .HasAnyBit(IPS_DST_NAT)
                   .Accept()
                   .Comment("published ports"))
      .AddRule(NftRule(in)
                   .Load(NftField::kSourceType)
                   .Is(RawBytes(uint32_t{RTN_LOCAL}))
                   .Accept()
                   .Comment("the host"));
  DropCounted(batch, in, true);
  batch.AddChain(kBridgeEgressChain, "bridge mode")
      .FlushChain(kBridgeEgressChain)
      .AddRule(NftRule(kBridgeEgressChain).Goto(kAdmittedChain));
}

}  // namespace berth::net
