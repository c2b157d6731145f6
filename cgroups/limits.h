// The resources that a cgroup may use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cgroups/hierarchy.h"

namespace berth::cgroups {

/// cpu.max: no more than `quota` microseconds of CPU time in each `period`.
struct CpuMax {
  uint64_t quota = 0;
  uint64_t period = 100'000;
};

/// What is absent stays at the kernel's default. Members are named after the kernel's files
/// (Documentation/admin-guide/cgroup-v2.rst), sizes are bytes.
struct Limits {
  std::optional<uint64_t> cpu_weight;  // 1 to 10000; the kernel's default is 100
  std::optional<CpuMax> cpu_max;
  std::optional<uint64_t> memory_max;
  std::optional<uint64_t> memory_low;
  std::optional<uint64_t> memory_swap_max;  // swap alone; OCI's `swap` is memory and swap together
  std::optional<uint64_t> pids_max;
};

/// The cpu.weight for version 1 CPU shares (2 to 262144; others are brought into that range): the
/// curve of runc 1.3.2 and crun 1.23, on which 2, 1024 and 262144 become 1, 100 and 10000.
uint64_t WeightFromShares(uint64_t shares);

/// The wished limits that no cgroup of this host can enforce, by the kernel's file names
/// ("memory.max"); for a warning or a refusal before anything is made.
std::vector<std::string> Unenforceable(const Hierarchy& hierarchy, const Limits& limits);

}  // namespace berth::cgroups
