#include "net/agent_endpoint.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>

#include "net/firewall/host_table.h"
#include "net/links/links.h"
#include "net/links/local_address.h"
#include "net/nft/batch.h"

namespace berth::net {
namespace {

constexpr const char* kGuard = "guard";
// Before published ports (also those of other programs), or the task that has port 80 would be
// given what others ask the agent.
constexpr int32_t kBeforePorts = NF_IP_PRI_NAT_DST - 1;

NftRule ToAgent(const char* chain) {
  NftRule rule(chain);
  rule.Ipv4Only().Load(NftField::kDestination).Is(RawBytes(kAgentAddress.Bytes()));
  return rule;
}

NftRule& Redirect(NftRule& rule) {
  constexpr uint8_t kTcp = IPPROTO_TCP;
  return rule.Load(NftField::kProtocol)
      .Is(RawBytes(kTcp))
      .Load(NftField::kDestinationPort)
      .Is(RawBytes(htons(kAgentPublicPort)))
      .DnatTo(kAgentAddress, kAgentPort);
}

void WriteTable(NftBatch& batch) {
  const auto hook = [&](const char* chain, const char* type, uint32_t place, int32_t priority) {
    batch.AddBaseChain({.chain = chain, .type = type, .hook = place, .priority = priority})
        .FlushChain(chain);
  };
  const std::string ours = RawBytes(kLinkGroup);
  batch.AddTable("The way to the agent's endpoint");
  hook(kGuard, "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW);
  batch.AddRule(NftRule(kGuard).Load(NftField::kGroupIn).Is(ours).Accept())
      .AddRule(NftRule(kGuard).Load(NftField::kInterfaceIn).Is(NftInterfaceName("lo")).Accept())
      .AddRule(ToAgent(kGuard).Drop());
  hook("from_tasks", "nat", NF_INET_PRE_ROUTING, kBeforePorts);
  NftRule from_task = ToAgent("from_tasks");
  batch.AddRule(Redirect(from_task.Load(NftField::kGroupIn).Is(ours)));
  hook("from_host", "nat", NF_INET_LOCAL_OUT, kBeforePorts);
  NftRule from_host = ToAgent("from_host");
  batch.AddRule(Redirect(from_host));
}

Result<void> RemoveTable() {
  NetlinkSocket netfilter = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  if (!TRY(FindNftTable(netfilter, kAgentTable))) return {};
  return NftBatch(kAgentTable).DeleteTable().Commit(netfilter);
}

}  // namespace

Result<void> OpenAgentEndpoint(const std::string& lock_path) {
  HostTable tasks = TRY(HostTable::Lock(lock_path));
  TRY(tasks.Refresh());
  NetlinkSocket netfilter = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  NftBatch batch(kAgentTable);
  WriteTable(batch);
  TRY(batch.Commit(netfilter).Context("open the agent's endpoint"));
  // Last, so that the address is guarded from its first moment.
  return AddLocalAddress(kAgentAddress).Context("open the agent's endpoint");
}

Result<void> CloseAgentEndpoint(const std::string& lock_path) {
  const HostTable tasks = TRY(HostTable::Lock(lock_path));
  const Result<void> address =
      RemoveLocalAddress(kAgentAddress).Context("close the agent's endpoint");
  if (!address) return address;  // the table goes on guarding it
  return RemoveTable().Context("close the agent's endpoint");
}

}  // namespace berth::net
