#include "cgroups/limits.h"

#include <algorithm>
#include <iterator>

namespace berth::cgroups {

std::vector<Setting> AllSettings(const Limits& limits) {
  std::vector<Setting> all;
  const auto add = [&](std::vector<Setting> settings) {
    std::move(settings.begin(), settings.end(), std::back_inserter(all));
  };
  add(CpusetSettings(limits.cpuset));
  add(CpuSettings(limits.cpu));
  add(MemorySettings(limits.memory));
  add(IoSettings(limits.io));
  add(PidsSettings(limits.pids));
  add(HugetlbSettings(limits.hugetlb));
  add(RdmaSettings(limits.rdma));
  add(MiscSettings(limits.misc));
  add(UnifiedSettings(limits.unified));
  return all;
}

std::vector<std::string> Unenforceable(const Hierarchy& hierarchy, const Limits& limits) {
  std::vector<std::string> names;
  for (const Setting& setting : AllSettings(limits)) {
    if (hierarchy.HasController(setting.controller)) continue;
    if (std::find(names.begin(), names.end(), setting.file) == names.end()) {
      names.push_back(setting.file);
    }
  }
  return names;
}

}  // namespace berth::cgroups
