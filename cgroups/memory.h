// The memory controller.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cgroups/setting.h"

namespace berth::cgroups {

/// Bytes; kUnlimited for none. What is absent stays at the kernel's default
/// (Documentation/admin-guide/cgroup-v2.rst, "Memory").
struct MemoryLimits {
  std::optional<uint64_t> max;   // beyond it the OOM killer comes
  std::optional<uint64_t> high;  // beyond it processes are slowed down and their pages reclaimed
  std::optional<uint64_t> low;   // protected from reclaim as long as others have pages to give
  std::optional<uint64_t> min;   // protected from reclaim whatever happens
  std::optional<uint64_t> swap_max;  // swap alone
  std::optional<bool> oom_group;     // the OOM killer ends all of the cgroup, or none
};

std::vector<Setting> MemorySettings(const MemoryLimits& limits);

/// The swap.max for OCI's `swap`, which is memory and swap together (config-linux.md, "Memory");
/// -1 in either is no limit. Fails if it is less than the memory, or said without memory.
Result<std::optional<uint64_t>> SwapMax(std::optional<int64_t> memory, std::optional<int64_t> swap);

/// memory.events, or memory.events.local: how often each has happened.
struct MemoryEvents {
  uint64_t low = 0;
  uint64_t high = 0;
  uint64_t max = 0;
  uint64_t oom = 0;
  uint64_t oom_kill = 0;
  uint64_t oom_group_kill = 0;
  bool operator==(const MemoryEvents&) const = default;
};

MemoryEvents ParseMemoryEvents(std::string_view text);

/// Of memory.stat what accounts for most, in bytes, and the faults; the whole file is long.
struct MemoryStat {
  uint64_t anon = 0;
  uint64_t file = 0;
  uint64_t kernel = 0;  // since Linux 5.18
  uint64_t sock = 0;
  uint64_t shmem = 0;
  uint64_t file_dirty = 0;
  uint64_t inactive_anon = 0;
  uint64_t active_anon = 0;
  uint64_t inactive_file = 0;
  uint64_t active_file = 0;
  uint64_t slab = 0;
  uint64_t pgfault = 0;
  uint64_t pgmajfault = 0;
};

MemoryStat ParseMemoryStat(std::string_view text);

/// Bytes.
struct MemoryStats {
  uint64_t current = 0;
  uint64_t peak = 0;  // since Linux 5.19
  uint64_t max = kUnlimited;
  uint64_t swap_current = 0;
  uint64_t swap_max = kUnlimited;
  MemoryStat stat;
  MemoryEvents events;
};

}  // namespace berth::cgroups
