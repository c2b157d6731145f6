#include "cgroups/pids.h"

namespace berth::cgroups {

std::vector<Setting> PidsSettings(const PidsLimits& limits) {
  if (!limits.max) return {};
  return {{.controller = "pids", .file = "pids.max", .value = LimitText(*limits.max)}};
}

}  // namespace berth::cgroups
