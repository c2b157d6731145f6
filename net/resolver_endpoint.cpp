#include "net/resolver_endpoint.h"

#include <netinet/in.h>

#include "net/firewall/host_table.h"
#include "net/firewall/service_way.h"
#include "net/links/local_address.h"
#include "net/nft/batch.h"

namespace berth::net {
namespace {

// The comment of the table, which tells what is to become of it.
constexpr const char* kOpen = "The way to the resolver";
constexpr const char* kDetour = "The way to the resolver, by a detour";
constexpr const char* kLeftDetour = "The way to the resolver, by a detour until the last task ends";
constexpr ServiceWay::Place kResolver = {kResolverAddress, kResolverPort};

Result<void> LeadTo(ServiceWay::Place target, const char* comment) {
  return OpenServiceWay({.table = kResolverTable,
                         .comment = comment,
                         .asked = {kResolverAddress, kDnsPort},
                         .target = target,
                         .protocols = {IPPROTO_UDP, IPPROTO_TCP}});
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
  TRY(LeadTo(kResolver, kOpen).Context("open the way to the resolver"));
  // Last, so that the address is guarded from its first moment.
  return AddLocalAddress(kResolverAddress).Context("open the way to the resolver");
}

Result<void> DetourResolverEndpoint(Ipv4 upstream, const std::string& lock_path) {
  const HostTable tasks = TRY(HostTable::Lock(lock_path));
  return LeadTo({upstream, kDnsPort}, kDetour).Context("lead names to {}", upstream.Format());
}

Result<void> LeaveResolverEndpoint(std::optional<Ipv4> upstream, const std::string& lock_path) {
  const HostTable tasks = TRY(HostTable::Lock(lock_path));
  if (upstream && TRY(AnyAttachment())) {
    TRY(LeadTo({*upstream, kDnsPort}, kLeftDetour).Context("lead names to {}", upstream->Format()));
    return RemoveLocalAddress(kResolverAddress).Context("leave the way to the resolver");
  }
  // In this order: the table goes on guarding the address until that is gone.
  TRY(RemoveLocalAddress(kResolverAddress).Context("close the way to the resolver"));
  return CloseServiceWay(kResolverTable).Context("close the way to the resolver");
}

Result<void> RemoveLeftDetour(NetlinkSocket& netfilter) {
  if (TRY(FindNftTable(netfilter, kResolverTable)) != kLeftDetour) return {};
  return NftBatch(kResolverTable)
      .DeleteTable()
      .Commit(netfilter)
      .Context("remove the detour of names");
}

}  // namespace berth::net
