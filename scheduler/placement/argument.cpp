#include <re2/re2.h>

#include <chrono>
#include <optional>

#include "base/json.h"
#include "base/text.h"
#include "scheduler/placement/condition.h"
#include "scheduler/placement/version.h"

namespace berth::scheduler::placement {
namespace {

// A pattern may take this much when compiled; what needs more (as nested repetitions do) is
// refused.
constexpr int64_t kPatternMemory = 1 << 20;

// `text` written as the digits (9) and other characters of `shape`.
bool HasShape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '9' ? !is_digit : text[i] != shape[i]) return false;
  }
  return true;
}

// Two digits.
int NumberAt(std::string_view text, size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

// The offset of a zone as "Z", "+02:00" or "-02:00", in seconds.
std::optional<int64_t> ReadZone(std::string_view zone) {
  if (zone.empty() || zone == "Z") return 0;
  if (!HasShape(zone, "+99:99") && !HasShape(zone, "-99:99")) return std::nullopt;
  const int64_t seconds = NumberAt(zone, 1) * 3600 + NumberAt(zone, 4) * 60;
  return zone.front() == '-' ? -seconds : seconds;
}

// Seconds since the epoch. Not by way of WallTime, which ends in the year 2262.
std::optional<int64_t> ReadSeconds(std::string_view text) {
  namespace chrono = std::chrono;
  const std::string_view day = text.substr(0, 10);
  const std::string_view time = text.size() > 10 ? text.substr(10, 9) : "T00:00:00";
  if (!HasShape(day, "9999-99-99") || !HasShape(time, "T99:99:99")) return std::nullopt;
  const chrono::year_month_day date(chrono::year(NumberAt(day, 0) * 100 + NumberAt(day, 2)),
                                    chrono::month(static_cast<unsigned>(NumberAt(day, 5))),
                                    chrono::day(static_cast<unsigned>(NumberAt(day, 8))));
  const auto zone = ReadZone(text.substr(std::min<size_t>(text.size(), 19)));
  if (!date.ok() || !zone) return std::nullopt;
  const int hours = NumberAt(time, 1);
  const int minutes = NumberAt(time, 4);
  const int seconds = NumberAt(time, 7);
  if (hours > 23 || minutes > 59 || seconds > 60) return std::nullopt;  // 60: a leap second
  const chrono::seconds midnight = chrono::sys_days(date).time_since_epoch();
  return midnight.count() + hours * 3600 + minutes * 60 + seconds - *zone;
}

Result<Argument> ReadTime(std::string_view text) {
  const auto seconds = ReadSeconds(text);
  if (seconds) return Argument(*seconds);
  return MakeError(
      "a time as 2018-06-18T22:28:28+00:00, 2018-06-18T22:28:28Z, 2018-06-18T22:28:28 or "
      "2018-06-18, not {}",
      QuoteJson(text));
}

Result<Argument> ReadCount(std::string_view text) {
  const auto count = ParseInteger<int64_t>(text);
  if (!count) return MakeError("a whole number, not {}", QuoteJson(text));
  return Argument(*count);
}

Result<Argument> ReadVersion(std::string_view text) {
  auto version = ParseVersion(text);
  if (!version) return MakeError("a version as 1.14.5, not {}", QuoteJson(text));
  return Argument(std::move(*version));
}

Result<Argument> ReadPattern(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(kPatternMemory);
  auto pattern =
      std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
  if (pattern->ok()) return Argument(std::move(pattern));
  using re2::RE2;
  switch (pattern->error_code()) {
    case RE2::ErrorBadPerlOp:  // (?=, (?!, (?<, ...
    case RE2::ErrorBadEscape:  // \1, \G, ...
      return MakeError(
          "a regular expression without look-around, back-references and unknown escapes, but {} "
          "has \"{}\"",
          QuoteJson(text), pattern->error_arg());
    case RE2::ErrorPatternTooLarge:
      return MakeError("a regular expression that repeats less than {}", QuoteJson(text));
    default:
      return MakeError("a regular expression, but {} has an error: {}", QuoteJson(text),
                       pattern->error());
  }
}

}  // namespace

Result<Argument> ReadArgument(Subject subject, Operator op, std::string_view text) {
  if (op == Operator::kMatches) return ReadPattern(text);
  switch (subject) {
    case Subject::kAgentConnected:
      if (text != "true" && text != "false") {
        return MakeError("true or false, not {}", QuoteJson(text));
      }
      return Argument(std::string(text));
    case Subject::kAgentVersion:
      return ReadVersion(text);
    case Subject::kRegisteredAt:
      return ReadTime(text);
    case Subject::kRunningTasksCount:
      return ReadCount(text);
    case Subject::kAttribute:
    case Subject::kEc2InstanceId:
    case Subject::kTaskGroup:
      return Argument(std::string(text));
  }
  return Argument(std::string(text));
}

}  // namespace berth::scheduler::placement
