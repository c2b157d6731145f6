// The misc controller: scarce things that are counted and nothing more, such as the keys of
// encrypted virtual machines.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cgroups/setting.h"

namespace berth::cgroups {

struct MiscLimit {
  std::string resource;  // "sev", as misc.capacity names them
  uint64_t max = kUnlimited;
};

std::vector<Setting> MiscSettings(const std::vector<MiscLimit>& limits);

struct MiscStats {
  std::string resource;
  uint64_t current = 0;
};

/// misc.current, a resource a line. `reused` gives its memory to the answer.
std::vector<MiscStats> ParseMiscCurrent(std::string_view text, std::vector<MiscStats> reused = {});

}  // namespace berth::cgroups
