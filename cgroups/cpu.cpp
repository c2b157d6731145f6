#include "cgroups/cpu.h"

#include <cmath>

#include "base/format.h"
#include "cgroups/scan.h"

namespace berth::cgroups {

std::vector<Setting> CpuSettings(const CpuLimits& limits) {
  std::vector<Setting> settings;
  const auto add = [&](const char* file, std::string value) {
    settings.push_back({.controller = "cpu", .file = file, .value = std::move(value)});
  };
  // Not idle any more before a weight, idle after it: an idle cgroup refuses weights.
  if (limits.idle == false) add("cpu.idle", "0");
  if (limits.weight) add("cpu.weight", fmt::format("{}", *limits.weight));
  if (limits.idle == true) add("cpu.idle", "1");
  // A burst may not be more than the quota: none while the quota changes.
  if (limits.max && limits.burst) add("cpu.max.burst", "0");
  if (limits.max) {
    add("cpu.max", fmt::format("{} {}", LimitText(limits.max->quota), limits.max->period));
  }
  if (limits.burst) add("cpu.max.burst", fmt::format("{}", *limits.burst));
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

CpuStats ParseCpuStat(std::string_view text) {
  static constexpr Figure<CpuStats> kFigures[] = {
      {"usage_usec", &CpuStats::usage_usec},     {"user_usec", &CpuStats::user_usec},
      {"system_usec", &CpuStats::system_usec},   {"nr_periods", &CpuStats::nr_periods},
      {"nr_throttled", &CpuStats::nr_throttled}, {"throttled_usec", &CpuStats::throttled_usec},
      {"nr_bursts", &CpuStats::nr_bursts},       {"burst_usec", &CpuStats::burst_usec}};
  return ParseFigures(text, kFlatKeyed, kFigures);
}

}  // namespace berth::cgroups
