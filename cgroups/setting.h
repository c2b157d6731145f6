// Setting: one value for one control file of a cgroup.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::cgroups {

/// For sizes and counts: no limit. The kernel's files say "max".
inline constexpr uint64_t kUnlimited = UINT64_MAX;

struct Setting {
  std::string controller;  // without which the file is not there: "memory"
  std::string file;        // "memory.max"
  std::string value;
  /// Takes the file's place on kernels that lack it; "": nothing does.
  std::string fallback = {};
};

/// As the kernel writes and reads a limit: "max", or the number.
std::string LimitText(uint64_t limit);
/// The other way round; 0 for what is neither.
uint64_t ParseLimit(std::string_view text);

/// The value of `key` in lines "KEY VALUE" such as cpu.stat has; 0 if there is none. The value
/// "max" is kUnlimited.
uint64_t FlatValue(std::string_view text, std::string_view key);

}  // namespace berth::cgroups
