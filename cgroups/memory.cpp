#include "cgroups/settings.h"

namespace berth::cgroups {

std::vector<Setting> MemorySettings(const Limits& limits) {
  std::vector<Setting> settings;
  const auto add = [&](const char* file, const std::optional<uint64_t>& bytes) {
    if (bytes) settings.push_back({"memory", file, fmt::format("{}", *bytes)});
  };
  add("memory.max", limits.memory_max);
  add("memory.low", limits.memory_low);
  add("memory.swap.max", limits.memory_swap_max);
  return settings;
}

}  // namespace berth::cgroups
