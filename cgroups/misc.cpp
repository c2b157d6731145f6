#include "cgroups/misc.h"

#include "base/format.h"
#include "base/text.h"

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

std::vector<MiscStats> ParseMiscCurrent(std::string_view text) {
  std::vector<MiscStats> resources;
  for (const std::string& line : Split(text, '\n')) {
    const size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    resources.push_back({.resource = line.substr(0, space),
                         .current = ParseLimit(std::string_view(line).substr(space + 1))});
  }
  return resources;
}

}  // namespace berth::cgroups
