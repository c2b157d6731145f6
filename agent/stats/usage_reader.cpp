#include "agent/stats/container_usage.h"
#include "agent/stats/process_usage.h"
#include "base/files.h"
#include "base/text.h"
#include "cgroups/scan.h"

namespace berth::agent::stats {
namespace {

using cgroups::Overlap;
using cgroups::StatsParts;

// memory.stat is most of what a sample costs: the kernel gathers counters of all processors and
// writes some sixty lines. It is left out while memory.current stands still, but not longer than
// this many samples, since pages become inactive without any being added.
constexpr int kOldestStat = 10;

// 0 for "max".
uint64_t LimitIn(int directory, const char* file) {
  return ParseInteger<uint64_t>(Trim(ReadFileAt(directory, file).ValueOr(""))).value_or(0);
}

ContainerUsage UsageIn(const cgroups::Stats& stats) {
  constexpr uint64_t kNsPerUs = 1000;
  ContainerUsage usage = {.cpu_ns = stats.cpu.usage_usec * kNsPerUs,
                          .cpu_user_ns = stats.cpu.user_usec * kNsPerUs,
                          .cpu_system_ns = stats.cpu.system_usec * kNsPerUs,
                          .periods = stats.cpu.nr_periods,
                          .throttled_periods = stats.cpu.nr_throttled,
                          .throttled_ns = stats.cpu.throttled_usec * kNsPerUs,
                          .memory = stats.memory.current,
                          .inactive_file = stats.memory.stat.inactive_file,
                          .pids = stats.pids.current};
  for (const cgroups::IoDeviceStats& device : stats.io) {
    usage.read_bytes += device.rbytes;
    usage.write_bytes += device.wbytes;
  }
  return usage;
}

}  // namespace

Result<UsageReader> UsageReader::Open(UsagePlaces places) {
  auto stats = TRY(cgroups::StatsReader::Open(places.cgroup, StatsParts::kUsage));
  return UsageReader(std::move(stats), std::move(places));
}

Result<ContainerUsage> UsageReader::Read(HostReader& host) {
  const WallTime now = Now();
  // cpu.stat is there without the cpu controller as well.
  TRY(stats_.Read(StatsParts::kCpu | StatsParts::kMemory | StatsParts::kIo | StatsParts::kPids));
  TRY(ReadMemoryStat());
  ContainerUsage usage = UsageIn(stats_.stats());
  usage.read = now;
  usage.host_cpu_ns = host.cpu_ns();
  TRY(CountProcesses(usage));
  if (!places_.host_interface.empty()) {
    const auto counters = TRY(host.ReadLink(places_.host_interface));
    if (counters) usage.network = counters->TurnedRound();
  }
  return usage;
}

Result<void> UsageReader::ReadMemoryStat() {
  const uint64_t current = stats_.stats().memory.current;
  if (memory_at_stat_ == current && ++stat_age_ < kOldestStat) return {};
  TRY(stats_.Read(StatsParts::kMemoryStat));
  memory_at_stat_ = current;
  stat_age_ = 0;
  return {};
}

// What the host has no controller for: threads are not counted then, processes are.
Result<void> UsageReader::CountProcesses(ContainerUsage& usage) {
  const StatsParts present = stats_.Present();
  const bool has_memory = Overlap(present, StatsParts::kMemory);
  const bool has_pids = Overlap(present, StatsParts::kPids);
  const bool has_io = Overlap(present, StatsParts::kIo);
  if (has_memory && has_pids && has_io) return {};
  const auto processes = ProcessesIn(TRY(ReadFileAt(stats_.fd(), "cgroup.procs")));
  if (!has_memory) usage.memory = ResidentMemory(places_.proc, processes);
  if (!has_pids) usage.pids = processes.size();
  if (has_io) return {};
  const StorageUsage storage = ReadStorageUsage(places_.proc, processes);
  usage.read_bytes = most_read_ = std::max(most_read_, storage.read);
  usage.write_bytes = most_written_ = std::max(most_written_, storage.written);
  return {};
}

UsageDetails UsageReader::ReadDetails() const {
  UsageDetails details = {.memory_limit = LimitIn(stats_.fd(), "memory.max"),
                          .pids_limit = LimitIn(stats_.fd(), "pids.max")};
  const std::string stat = ReadFileAt(stats_.fd(), "memory.stat").ValueOr("");
  for (std::string_view text = stat; !text.empty();) {
    std::string_view value = cgroups::CutOff(text, '\n');
    const std::string_view name = cgroups::CutOff(value, ' ');
    details.memory_stat.emplace_back(name, ParseInteger<uint64_t>(value).value_or(0));
  }
  return details;
}

}  // namespace berth::agent::stats
