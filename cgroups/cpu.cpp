#include <cmath>

#include "cgroups/limits.h"
#include "cgroups/settings.h"

namespace berth::cgroups {

std::vector<Setting> CpuSettings(const Limits& limits) {
  std::vector<Setting> settings;
  if (limits.cpu_weight) {
    settings.push_back({"cpu", "cpu.weight", fmt::format("{}", *limits.cpu_weight)});
  }
  if (limits.cpu_max) {
    settings.push_back(
        {"cpu", "cpu.max", fmt::format("{} {}", limits.cpu_max->quota, limits.cpu_max->period)});
  }
  return settings;
}

uint64_t WeightFromShares(uint64_t shares) {
  if (shares <= 2) return 1;
  if (shares >= 262'144) return 10'000;
  // A quadratic in log2(shares) through the smallest, default and largest values of both scales.
  const double log = std::log2(static_cast<double>(shares));
  const double exponent = (log * log + 125 * log) / 612 - 7.0 / 34;
  return static_cast<uint64_t>(std::ceil(std::pow(10, exponent)));
}

}  // namespace berth::cgroups
