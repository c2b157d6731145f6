#include "net/firewall/service_way.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>

#include "net/links/host_links.h"
#include "net/nft/batch.h"

namespace berth::net {
namespace {

constexpr const char* kGuard = "guard";
constexpr const char* kFromTasks = "from_tasks";
constexpr const char* kFromHost = "from_host";
// Before published ports (also those of other programs), or the task that has the service's port
// would be given what others ask the service.
constexpr int32_t kBeforePorts = NF_IP_PRI_NAT_DST - 1;

void AddEmptyChain(NftBatch& batch, const NftHook& hook) {
  batch.AddBaseChain(hook).FlushChain(hook.chain);
}

NftRule To(const ServiceWay& way, const char* chain) {
  NftRule rule(chain);
  rule.Ipv4Only().Load(NftField::kDestination).Is(RawBytes(way.asked.address.Bytes()));
  return rule;
}

void WriteGuard(NftBatch& batch, const ServiceWay& way, const std::string& tasks) {
  AddEmptyChain(batch, {.chain = kGuard,
                        .type = "filter",
                        .hook = NF_INET_PRE_ROUTING,
                        .priority = NF_IP_PRI_RAW,
                        .comment = {}});
  batch.AddRule(NftRule(kGuard).Load(NftField::kGroupIn).Is(tasks).Accept())
      .AddRule(NftRule(kGuard).Load(NftField::kInterfaceIn).Is(NftInterfaceName("lo")).Accept())
      .AddRule(To(way, kGuard).Drop());
}

NftRule& Redirect(NftRule& rule, const ServiceWay& way, uint8_t protocol) {
  return rule.Load(NftField::kProtocol)
      .Is(RawBytes(protocol))
      .Load(NftField::kDestinationPort)
      .Is(RawBytes(htons(way.asked.port)))
      .DnatTo(way.target.address, way.target.port);
}

void WriteChains(NftBatch& batch, const ServiceWay& way) {
  const std::string tasks = RawBytes(kLinkGroup);
  const auto hook = [&](const char* chain, uint32_t place) {
    AddEmptyChain(
        batch,
        {.chain = chain, .type = "nat", .hook = place, .priority = kBeforePorts, .comment = {}});
  };
  WriteGuard(batch, way, tasks);
  hook(kFromTasks, NF_INET_PRE_ROUTING);
  hook(kFromHost, NF_INET_LOCAL_OUT);
  for (const uint8_t protocol : way.protocols) {
    NftRule from_task = To(way, kFromTasks);
    batch.AddRule(Redirect(from_task.Load(NftField::kGroupIn).Is(tasks), way, protocol));
    NftRule from_host = To(way, kFromHost);
    batch.AddRule(Redirect(from_host, way, protocol));
  }
}

Result<NetlinkSocket> OpenNetfilter() {
  NetlinkSocket netfilter = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  TRY(netfilter.Mark());
  return netfilter;
}

}  // namespace

Result<void> OpenServiceWay(const ServiceWay& way) {
  NetlinkSocket netfilter = TRY(OpenNetfilter());
  const auto comment = TRY(FindNftTable(netfilter, way.table));
  NftBatch batch(way.table);
  // The comment of a table that exists can't be changed.
  if (comment && comment != way.comment) batch.DeleteTable();
  batch.AddTable(way.comment);
  WriteChains(batch, way);
  return batch.Commit(netfilter);
}

Result<void> CloseServiceWay(const std::string& table) {
  NetlinkSocket netfilter = TRY(OpenNetfilter());
  if (!TRY(FindNftTable(netfilter, table))) return {};
  return NftBatch(table).DeleteTable().Commit(netfilter);
}

}  // namespace berth::net
