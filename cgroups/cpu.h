// The cpu controller: whose turn it is on busy processors, and how much of them at most.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cgroups/setting.h"

namespace berth::cgroups {

/// cpu.max: no more than `quota` microseconds of CPU time in each `period`.
struct CpuMax {
  uint64_t quota = kUnlimited;
  uint64_t period = 100'000;  // 1 ms to 1 s
};

/// What is absent stays at the kernel's default. Members are named after the kernel's files
/// (Documentation/admin-guide/cgroup-v2.rst, "CPU").
struct CpuLimits {
  std::optional<uint64_t> weight;  // 1 to 10000; the kernel's default is 100
  std::optional<CpuMax> max;
  std::optional<uint64_t> burst;  // microseconds that may be saved up beyond the quota
  std::optional<bool> idle;       // runs only when nobody else wants to; weight does not count then
};

std::vector<Setting> CpuSettings(const CpuLimits& limits);

/// The cpu.weight for version 1 CPU shares (2 to 262144; others are brought into that range): the
/// curve of runc 1.3.2 and crun 1.23, on which 2, 1024 and 262144 become 1, 100 and 10000.
uint64_t WeightFromShares(uint64_t shares);

/// cpu.stat; times in microseconds. Without the cpu controller the first three alone.
struct CpuStats {
  uint64_t usage_usec = 0;
  uint64_t user_usec = 0;
  uint64_t system_usec = 0;
  uint64_t nr_periods = 0;
  uint64_t nr_throttled = 0;
  uint64_t throttled_usec = 0;
  uint64_t nr_bursts = 0;
  uint64_t burst_usec = 0;
};

CpuStats ParseCpuStat(std::string_view text);

}  // namespace berth::cgroups
