#include "cgroups/cpuset.h"

namespace berth::cgroups {

std::vector<Setting> CpusetSettings(const CpusetLimits& limits) {
  std::vector<Setting> settings;
  const auto add = [&](const char* file, const std::string& value) {
    if (value.empty()) return;
    settings.push_back({.controller = "cpuset", .file = file, .value = value});
  };
  add("cpuset.mems", limits.mems);
  add("cpuset.cpus", limits.cpus);
  add("cpuset.cpus.partition", limits.partition);
  return settings;
}

}  // namespace berth::cgroups
