// Scanning what the kernel's files say in place: no copies, no allocation. For files that are read
// every second, of every container.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cgroups/setting.h"

namespace berth::cgroups {

/// Takes the text up to `separator` off `text`, and the separator with it; all of it if there is
/// none.
inline std::string_view CutOff(std::string_view& text, char separator) {
  const std::string_view part = text.substr(0, text.find(separator));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

/// A figure of a file, and where it goes.
template <typename Stats>
struct Figure {
  std::string_view key;
  uint64_t Stats::*member;
};

/// What is between two figures, and between a figure's key and its value.
struct Separators {
  char figures;
  char value;
};
/// cpu.stat, memory.stat, *.events: "KEY VALUE" in lines.
inline constexpr Separators kFlatKeyed = {.figures = '\n', .value = ' '};
/// A line of io.stat or rdma.current: "KEY=VALUE" in words.
inline constexpr Separators kNestedKeyed = {.figures = ' ', .value = '='};

/// The figures of `known` that are in the text, others staying 0, in one pass. Quickest if `known`
/// is in the order in which the kernel writes them; right in any.
template <typename Stats, size_t kSize>
Stats ParseFigures(std::string_view text, Separators between, const Figure<Stats> (&known)[kSize]) {
  Stats stats;
  size_t next = 0;
  size_t found = 0;
  while (!text.empty() && found < kSize) {
    std::string_view value = CutOff(text, between.figures);
    const std::string_view key = CutOff(value, between.value);
    for (size_t tried = 0; tried < kSize; ++tried) {
      const Figure<Stats>& figure = known[(next + tried) % kSize];
      if (figure.key != key) continue;
      stats.*figure.member = ParseLimit(value);
      next = (next + tried + 1) % kSize;
      ++found;
      break;
    }
  }
  return stats;
}

}  // namespace berth::cgroups
