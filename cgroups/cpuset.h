// The cpuset controller: on which processors, and with which memory nodes.
#pragma once

#include <string>
#include <vector>

#include "cgroups/setting.h"

namespace berth::cgroups {

/// Lists such as "0-3,7" (cpuset(7), "List format"); empty ones stay at the kernel's default, which
/// is the parent's.
struct CpusetLimits {
  std::string cpus;
  std::string mems;
  /// cpuset.cpus.partition: "member", "root" or "isolated"; empty: as it is.
  std::string partition;
};

std::vector<Setting> CpusetSettings(const CpusetLimits& limits);

/// cpuset.cpus.effective and cpuset.mems.effective.
struct CpusetStats {
  std::string cpus;
  std::string mems;
};

}  // namespace berth::cgroups
