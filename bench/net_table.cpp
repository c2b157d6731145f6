#include <linux/netlink.h>

#include "bench/net_bench.h"
#include "bench/net_host.h"
#include "net/firewall/elements.h"
#include "net/firewall/group_chains.h"
#include "net/firewall/host_table.h"
#include "net/firewall/table_names.h"
#include "net/nft/batch.h"

namespace berth::bench {
namespace {

/// A host with so many tasks loaded, at which others are added and taken away.
struct LoadedHost {
  std::string name;  // " beside N"
  NetHost host;
  net::NetlinkSocket netfilter;
};

Result<LoadedHost> LoadHost(const std::string& directory, size_t tasks) {
  NetHost host = TRY(NetHost::Make(fmt::format("{}/table-{}", directory, tasks)));
  TRY(host.Load(tasks).Context("load {} tasks", tasks));
  auto netfilter = TRY(net::NetlinkSocket::Open(NETLINK_NETFILTER));
  return LoadedHost{.name = fmt::format(" beside {}", tasks),
                    .host = std::move(host),
                    .netfilter = std::move(netfilter)};
}

/// One element, added on the clock and taken away again.
Result<void> TimeElement(Samples& samples, const std::string& name, const std::string& set,
                         const net::Attachment& task, LoadedHost& loaded) {
  for (const net::NftElement& element : net::PassagesOf(task)) {
    if (element.set != set) continue;
    TRY(samples.Time(name + loaded.name,
                     [&] { return net::NftBatch().AddElement(element).Commit(loaded.netfilter); }));
    TRY(net::NftBatch().DeleteElement(element).Commit(loaded.netfilter));
  }
  return {};
}

/// What Attach and Detach ask of the firewall for a task.
Result<void> TimeTask(Samples& samples, const net::Attachment& task, const LoadedHost& loaded) {
  TRY(samples.Time("task, let in" + loaded.name, [&]() -> Result<void> {
    auto table = TRY(net::HostTable::Lock(loaded.host.lock()));
    TRY(table.Pin(task));
    return table.Admit(task);
  }));
  return samples.Time("task, taken out" + loaded.name, [&] {
    return net::Detach(task.id, net::LinkEnd::kDiesWithNamespace, loaded.host.lock());
  });
}

Result<void> TimeRestoration(Samples& samples, const LoadedHost& loaded) {
  TRY(loaded.host.DropTable());
  const auto restored = TRY(samples.Time(
      "restored" + loaded.name, [&] { return net::RestoreLostFirewall(loaded.host.lock()); }));
  if (!restored) return MakeError("there was nothing to restore");
  return {};
}

/// The library keeps one socket, of the host where it was used last: it is changed here.
Result<void> Enter(const LoadedHost& loaded) {
  TRY(loaded.host.Enter());
  TRY(net::HostTable::Lock(loaded.host.lock()));
  return {};
}

}  // namespace

Result<void> MeasureTable(const std::string& directory, size_t rounds, Samples& samples) {
  constexpr size_t kMany = 10'000;
  constexpr size_t kRestorations = 5;
  std::vector<LoadedHost> hosts;
  for (const size_t tasks : {size_t{1}, kMany / EntriesOfTask(), kMany}) {
    hosts.push_back(TRY(LoadHost(directory, tasks)));
  }
  const net::Attachment task = PlanTask(kMany);
  const std::string members = net::MemberSet(task.groups.front().id, net::IpFamily::kIpv4);
  for (size_t round = 0; round < rounds; ++round) {
    for (LoadedHost& loaded : hosts) {
      TRY(Enter(loaded));
      TRY(TimeElement(samples, "published port", net::kIpv4Sets.ports, task, loaded));
      TRY(TimeElement(samples, "group member", members, task, loaded));
      TRY(TimeTask(samples, task, loaded));
      if (round < kRestorations) TRY(TimeRestoration(samples, loaded));
    }
  }
  return {};
}

}  // namespace berth::bench
