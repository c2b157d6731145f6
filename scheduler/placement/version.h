// Versions of agents: numbers between dots.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace berth::scheduler::placement {

using Version = std::vector<int64_t>;

/// As "1.14.5", with or without a leading "v"; what follows a hyphen or plus ("1.14.5-rc1") is left
/// out. Nothing if it is none.
std::optional<Version> ParseVersion(std::string_view text);

/// Number by number; parts that are missing are 0, so 1.2 equals 1.2.0.
std::strong_ordering CompareVersions(const Version& a, const Version& b);

}  // namespace berth::scheduler::placement
