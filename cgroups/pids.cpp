#include "cgroups/settings.h"

namespace berth::cgroups {

std::vector<Setting> PidsSettings(const Limits& limits) {
  if (!limits.pids_max) return {};
  return {{"pids", "pids.max", fmt::format("{}", *limits.pids_max)}};
}

}  // namespace berth::cgroups
