#include "net/resolver_endpoint.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/in.h>

#include "net/firewall/host_table.h"
#include "net/links/links.h"
#include "net/links/local_address.h"
#include "net/nft/batch.h"

namespace berth::net {
namespace {

constexpr const char* kResolverTable = "berth_names";
// The comment of the table, which tells what is to become of it.
constexpr const char* kOpen = "The way to the resolver";
constexpr const char* kDetour = "The way to the resolver, by a detour";
constexpr const char* kLeftDetour = "The way to the resolver, by a detour until the last task ends";
// Before published ports, or the task that has port 53 would be asked instead.
constexpr int32_t kBeforeAllPorts = NF_IP_PRI_NAT_DST - 1;

/// Where asks lead to.
struct Target {
  Ipv4 address = kResolverAddress;
  uint16_t port = kResolverPort;
};

NftRule ToResolver(const char* chain) {
  NftRule rule(chain);
  rule.Ipv4Only().Load(NftField::kDestination).Is(RawBytes(kResolverAddress.Bytes()));
  return rule;
}

void WriteRedirections(NftBatch& batch, const char* chain, Target target) {
  for (const uint8_t protocol : {IPPROTO_UDP, IPPROTO_TCP}) {
    batch.AddRule(ToResolver(chain)
                      .Load(NftField::kProtocol)
                      .Is(RawBytes(protocol))
                      .Load(NftField::kDestinationPort)
                      .Is(RawBytes(htons(kDnsPort)))
                      .DnatTo(target.address, target.port));
  }
}

void WriteResolverTable(NftBatch& batch, Target target) {
  const auto hook = [&](const char* chain, const char* type, uint32_t place, int32_t priority) {
    batch.AddBaseChain({.chain = chain, .type = type, .hook = place, .priority = priority});
  };
  hook("guard", "filter", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW);
  batch.AddRule(NftRule("guard").Load(NftField::kGroupIn).Is(RawBytes(kLinkGroup)).Accept())
      .AddRule(NftRule("guard").Load(NftField::kInterfaceIn).Is(NftInterfaceName("lo")).Accept())
      .AddRule(ToResolver("guard").Drop());
  hook("from_tasks", "nat", NF_INET_PRE_ROUTING, kBeforeAllPorts);
  WriteRedirections(batch, "from_tasks", target);
  hook("from_host", "nat", NF_INET_LOCAL_OUT, kBeforeAllPorts);
  WriteRedirections(batch, "from_host", target);
}

/// Puts the table there anew, since the comment of one that exists can't be changed; in one
/// transaction.
Result<void> ReplaceTable(const char* comment, Target target) {
  NetlinkSocket netfilter = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  NftBatch batch(kResolverTable);
  if (TRY(FindNftTable(netfilter, kResolverTable))) batch.DeleteTable();
  batch.AddTable(comment);
  WriteResolverTable(batch, target);
  return batch.Commit(netfilter);
}

Result<void> RemoveTableIf(const std::function<bool(const std::string& comment)>& doomed) {
  NetlinkSocket netfilter = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  const auto comment = TRY(FindNftTable(netfilter, kResolverTable));
  if (!comment || !doomed(*comment)) return {};
  return NftBatch(kResolverTable).DeleteTable().Commit(netfilter);
}

/// Whether there is any attachment. The host table is there as long as one is.
Result<bool> AnyAttachment() {
  NetlinkSocket netfilter = TRY(NetlinkSocket::Open(NETLINK_NETFILTER));
  return TRY(FindNftTable(netfilter)).has_value();
}

}  // namespace

Result<void> OpenResolverEndpoint(const std::string& lock_path) {
  HostTable tasks = TRY(HostTable::Lock(lock_path));
  TRY(tasks.Refresh());
  TRY(ReplaceTable(kOpen, Target{}).Context("open the way to the resolver"));
  // Last, so that the address is guarded from its first moment.
  return AddLocalAddress(kResolverAddress).Context("open the way to the resolver");
}

Result<void> DetourResolverEndpoint(Ipv4 upstream, const std::string& lock_path) {
  const HostTable tasks = TRY(HostTable::Lock(lock_path));
  return ReplaceTable(kDetour, {.address = upstream, .port = kDnsPort})
      .Context("lead names to {}", upstream.Format());
}

Result<void> LeaveResolverEndpoint(std::optional<Ipv4> upstream, const std::string& lock_path) {
  const HostTable tasks = TRY(HostTable::Lock(lock_path));
  if (upstream && TRY(AnyAttachment())) {
    TRY(ReplaceTable(kLeftDetour, {.address = *upstream, .port = kDnsPort})
            .Context("lead names to {}", upstream->Format()));
    return RemoveLocalAddress(kResolverAddress).Context("leave the way to the resolver");
  }
  // In this order: the table goes on guarding the address until that is gone.
  TRY(RemoveLocalAddress(kResolverAddress).Context("close the way to the resolver"));
  return RemoveTableIf([](const std::string&) { return true; })
      .Context("close the way to the resolver");
}

Result<void> RemoveLeftDetour() {
  return RemoveTableIf([](const std::string& comment) { return comment == kLeftDetour; })
      .Context("remove the detour of names");
}

}  // namespace berth::net
