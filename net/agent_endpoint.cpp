#include "net/agent_endpoint.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "net/firewall/host_table.h"
#include "net/links/host_links.h"
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

NetlinkMessage ChangeAddress(const char* what, uint16_t type, uint16_t flags) {
  const ifaddrmsg header = {.ifa_family = AF_INET,
                            .ifa_prefixlen = 32,
                            // The host's own: never the source of what goes elsewhere.
                            .ifa_scope = RT_SCOPE_HOST,
                            .ifa_index = ::if_nametoindex("lo")};
  const std::string address = RawBytes(kAgentAddress.Bytes());
  Attributes attributes;
  attributes.Bytes(IFA_LOCAL, address).Bytes(IFA_ADDRESS, address);
  return {.what = what, .type = type, .flags = flags, .body = NetlinkBody(header, attributes)};
}

Result<void> AddAddress() {
  NetlinkSocket routes = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  return routes.Send(
      ChangeAddress("give lo the agent's address", RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE));
}

Result<void> RemoveAddress() {
  NetlinkSocket routes = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  const auto removed =
      routes.Send(ChangeAddress("take the agent's address from lo", RTM_DELADDR, 0));
  if (!removed && !removed.error().Is(EADDRNOTAVAIL)) return removed;
  return {};
}

Result<void> RemoveTable() {
  NetlinkSocket netfilter = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  TRY(netfilter.Mark());
  if (!TRY(FindNftTable(netfilter, kAgentTable))) return {};
  return NftBatch(kAgentTable).DeleteTable().Commit(netfilter);
}

}  // namespace

Result<void> OpenAgentEndpoint(const std::string& lock_path) {
  HostTable tasks = TRY(HostTable::Lock(lock_path));
  TRY(tasks.Refresh());
  NetlinkSocket netfilter = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  TRY(netfilter.Mark());
  NftBatch batch(kAgentTable);
  WriteTable(batch);
  TRY(batch.Commit(netfilter).Context("open the agent's endpoint"));
  // Last, so that the address is guarded from its first moment.
  return AddAddress().Context("open the agent's endpoint");
}

Result<void> CloseAgentEndpoint(const std::string& lock_path) {
  const HostTable tasks = TRY(HostTable::Lock(lock_path));
  const Result<void> address = RemoveAddress().Context("close the agent's endpoint");
  if (!address) return address;  // the table goes on guarding it
  return RemoveTable().Context("close the agent's endpoint");
}

}  // namespace berth::net
