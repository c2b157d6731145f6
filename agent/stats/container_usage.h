// ContainerUsage: what a container has used of the host until now, and how it is read.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/stats/host_reader.h"
#include "base/result.h"
#include "base/time.h"
#include "cgroups/stats_reader.h"
#include "net/links/link_counters.h"

namespace berth::agent::stats {

struct ContainerUsage {
  WallTime read;
  uint64_t cpu_ns = 0;  // user and system
  uint64_t cpu_user_ns = 0;
  uint64_t cpu_system_ns = 0;
  uint64_t periods = 0;  // cpu.stat nr_periods, nr_throttled, throttled_usec
  uint64_t throttled_periods = 0;
  uint64_t throttled_ns = 0;
  uint64_t host_cpu_ns = 0;  // of all processors since the boot, idle time included
  uint64_t memory = 0;       // bytes
  /// Of `memory`, page cache that is not in use.
  uint64_t inactive_file = 0;
  uint64_t pids = 0;
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
  /// As the container sees its eth0. Absent in host mode.
  std::optional<net::LinkCounters> network;

  /// What ECS calls the memory in use.
  uint64_t MemoryInUse() const { return memory - std::min(memory, inactive_file); }
};

/// What is read only when somebody asks for it.
struct UsageDetails {
  uint64_t memory_limit = 0;                                  // bytes; 0: none
  uint64_t pids_limit = 0;                                    // 0: none
  std::vector<std::pair<std::string, uint64_t>> memory_stat;  // memory.stat as it stands
};

/// Where a container's figures are.
struct UsagePlaces {
  std::string cgroup;          // absolute path of the directory; the container's own
  std::string host_interface;  // the host's end of its pair; "": none
  std::string proc = "/proc";  // tests put a tree of their own here
};

/// Keeps the files open, so that reading is cheap enough for every second: up to six descriptors
/// (cgroups::StatsReader). Belongs to one thread.
class UsageReader {
 public:
  /// Fails if there is no such cgroup.
  static Result<UsageReader> Open(UsagePlaces places);
  /// What it has used until now; of the host, what `host` has read last. Fails once the cgroup has
  /// gone.
  Result<ContainerUsage> Read(HostReader& host);
  /// What can't be read any more is left out.
  UsageDetails ReadDetails() const;

 private:
  UsageReader(cgroups::StatsReader stats, UsagePlaces places)
      : stats_(std::move(stats)), places_(std::move(places)) {}
  Result<void> ReadMemoryStat();
  Result<void> CountProcesses(ContainerUsage& usage);

  cgroups::StatsReader stats_;
  UsagePlaces places_;
  // memory.current when memory.stat was read, and how many samples ago that was.
  std::optional<uint64_t> memory_at_stat_;
  int stat_age_ = 0;
  // Of processes counted one by one, so that those that have ended are not forgotten.
  uint64_t most_read_ = 0, most_written_ = 0;
};

}  // namespace berth::agent::stats
