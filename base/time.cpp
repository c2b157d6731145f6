#include "base/time.h"

#include <ctime>

#include "base/text.h"

namespace berth {

WallTime Now() { return std::chrono::system_clock::now(); }

std::string FormatTime(WallTime time) {
  // gmtime(3) would read the time zone's file first.
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<std::chrono::nanoseconds> clock(time - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Result<WallTime> ParseTime(std::string_view text) {
  std::tm parts{};
  const std::string copy(text);
  const char* rest = ::strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return MakeError("\"{}\" is not an RFC 3339 time", text);
  long nanoseconds = 0;
  if (*rest == '.') {
    long unit = 100'000'000;
    for (++rest; *rest >= '0' && *rest <= '9'; ++rest, unit /= 10)
      nanoseconds += (*rest - '0') * unit;
  }
  long offset = 0;
  if (*rest == '+' || *rest == '-') {
    const std::string_view zone = rest;
    const auto hours = zone.size() == 6 ? ParseInteger<int>(zone.substr(1, 2)) : std::nullopt;
    const auto minutes = zone.size() == 6 ? ParseInteger<int>(zone.substr(4, 2)) : std::nullopt;
    if (!hours || !minutes) return MakeError("\"{}\" has no valid time zone", text);
    offset = (*hours * 3600L + *minutes * 60L) * (zone[0] == '-' ? -1 : 1);
  } else if (std::string_view(rest) != "Z") {
    return MakeError("\"{}\" has no time zone", text);
  }
  // 64 bits of nanoseconds reach from 1677 to 2262.
  const std::chrono::seconds seconds(::timegm(&parts) - offset);
  if (std::chrono::abs(seconds) >
      std::chrono::floor<std::chrono::seconds>(WallTime::duration::max()) -
          std::chrono::seconds(1)) {
    return MakeError("\"{}\" is too far from today", text);
  }
  return WallTime(seconds + std::chrono::nanoseconds(nanoseconds));
}

}  // namespace berth
