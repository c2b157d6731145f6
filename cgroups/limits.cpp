#include "cgroups/limits.h"

#include <iterator>

#include "cgroups/settings.h"

namespace berth::cgroups {

std::vector<Setting> AllSettings(const Limits& limits) {
  std::vector<Setting> all;
  for (const auto of_controller : {CpuSettings, MemorySettings, PidsSettings}) {
    auto settings = of_controller(limits);
    std::move(settings.begin(), settings.end(), std::back_inserter(all));
  }
  return all;
}

std::vector<std::string> Unenforceable(const Hierarchy& hierarchy, const Limits& limits) {
  std::vector<std::string> names;
  for (const Setting& setting : AllSettings(limits)) {
    if (!hierarchy.HasController(setting.controller)) names.emplace_back(setting.file);
  }
  return names;
}

}  // namespace berth::cgroups
