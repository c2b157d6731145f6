// The pids controller: how many processes and threads.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cgroups/setting.h"

namespace berth::cgroups {

struct PidsLimits {
  std::optional<uint64_t> max;  // kUnlimited: none
};

std::vector<Setting> PidsSettings(const PidsLimits& limits);

struct PidsStats {
  uint64_t current = 0;
  uint64_t max = kUnlimited;
  uint64_t refused = 0;  // pids.events max: how often a fork met the limit
};

}  // namespace berth::cgroups
