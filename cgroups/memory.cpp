#include "cgroups/memory.h"

#include "cgroups/scan.h"

namespace berth::cgroups {

std::vector<Setting> MemorySettings(const MemoryLimits& limits) {
  std::vector<Setting> settings;
  const auto add = [&](const char* file, const std::optional<uint64_t>& bytes) {
    if (!bytes) return;
    settings.push_back({.controller = "memory", .file = file, .value = LimitText(*bytes)});
  };
  add("memory.max", limits.max);
  add("memory.high", limits.high);
  add("memory.low", limits.low);
  add("memory.min", limits.min);
  add("memory.swap.max", limits.swap_max);
  if (limits.oom_group) {
    settings.push_back({.controller = "memory",
                        .file = "memory.oom.group",
                        .value = *limits.oom_group ? "1" : "0"});
  }
  return settings;
}

Result<std::optional<uint64_t>> SwapMax(std::optional<int64_t> memory,
                                        std::optional<int64_t> swap) {
  constexpr std::optional<uint64_t> kAbsent;
  if (!swap || *swap == 0) return kAbsent;
  if (*swap < 0) return std::optional<uint64_t>(kUnlimited);
  if (!memory || *memory == 0) return Error("swap needs a memory limit, which it includes", EINVAL);
  if (*memory < 0) return Error("swap can't be limited where memory is not", EINVAL);
  if (*swap < *memory) {
    return Error(fmt::format("swap ({}) is memory and swap together: not less than memory ({})",
                             *swap, *memory),
                 EINVAL);
  }
  return std::optional<uint64_t>(static_cast<uint64_t>(*swap - *memory));
}

MemoryEvents ParseMemoryEvents(std::string_view text) {
  static constexpr Figure<MemoryEvents> kFigures[] = {
      {"low", &MemoryEvents::low},           {"high", &MemoryEvents::high},
      {"max", &MemoryEvents::max},           {"oom", &MemoryEvents::oom},
      {"oom_kill", &MemoryEvents::oom_kill}, {"oom_group_kill", &MemoryEvents::oom_group_kill}};
  return ParseFigures(text, kFlatKeyed, kFigures);
}

MemoryStat ParseMemoryStat(std::string_view text) {
  static constexpr Figure<MemoryStat> kFigures[] = {{"anon", &MemoryStat::anon},
                                                    {"file", &MemoryStat::file},
                                                    {"kernel", &MemoryStat::kernel},
                                                    {"sock", &MemoryStat::sock},
                                                    {"shmem", &MemoryStat::shmem},
                                                    {"file_dirty", &MemoryStat::file_dirty},
                                                    {"inactive_anon", &MemoryStat::inactive_anon},
                                                    {"active_anon", &MemoryStat::active_anon},
                                                    {"inactive_file", &MemoryStat::inactive_file},
                                                    {"active_file", &MemoryStat::active_file},
                                                    {"slab", &MemoryStat::slab},
                                                    {"pgfault", &MemoryStat::pgfault},
                                                    {"pgmajfault", &MemoryStat::pgmajfault}};
  return ParseFigures(text, kFlatKeyed, kFigures);
}

}  // namespace berth::cgroups
