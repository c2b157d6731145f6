// Points in time, as text and as numbers.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth {

using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

WallTime Now();
/// RFC 3339 in UTC with nanoseconds, e.g. 2026-11-22T22:31:16.000000001Z.
std::string FormatTime(WallTime time);
/// RFC 3339 with any fraction and offset.
Result<WallTime> ParseTime(std::string_view text);

}  // namespace berth
