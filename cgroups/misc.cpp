#include "cgroups/misc.h"

#include "base/format.h"
#include "cgroups/scan.h"

namespace berth::cgroups {

std::vector<Setting> MiscSettings(const std::vector<MiscLimit>& limits) {
  std::vector<Setting> settings;
  for (const MiscLimit& limit : limits) {
    settings.push_back({.controller = "misc",
                        .file = "misc.max",
                        .value = fmt::format("{} {}", limit.resource, LimitText(limit.max))});
  }
  return settings;
}

std::vector<MiscStats> ParseMiscCurrent(std::string_view text, std::vector<MiscStats> reused) {
  std::vector<MiscStats> resources = std::move(reused);
  size_t count = 0;
  while (!text.empty()) {
    std::string_view value = CutOff(text, '\n');
    const std::string_view name = CutOff(value, ' ');
    if (name.empty()) continue;
    if (count == resources.size()) resources.emplace_back();
    resources[count].resource = name;
    resources[count++].current = ParseLimit(value);
  }
  resources.resize(count);
  return resources;
}

}  // namespace berth::cgroups
