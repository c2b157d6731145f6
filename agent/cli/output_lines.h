// OutputLines: what containers write, as lines that say whose they are.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "agent/cli/styled_text.h"
#include "agent/logs/json_log_reader.h"

namespace berth::agent::cli {

enum class Prefix { kNone, kContainer };
enum class Timestamps { kOff, kOn };

/// Puts "web  | " before each line, the names padded to one width, and the time before that where
/// it is wanted. One object for each place that is written to: it knows whether the last line there
/// is still without its end.
class OutputLines {
 public:
  struct Style {
    Prefix prefix = Prefix::kContainer;
    Timestamps timestamps = Timestamps::kOff;
    Colours colours = Colours::kOff;
  };
  explicit OutputLines(Style style) : style_(style) {}

  /// Gives the container its colour and makes room for its name. One that is not added is when it
  /// first writes.
  void Add(const std::string& container);
  /// The text to write for `entry`.
  std::string Format(const std::string& container, const logs::LogEntry& entry);
  /// The end of the last line, if it has none yet.
  std::string Close();

 private:
  Style style_;
  std::map<std::string, size_t> numbers_;  // of the containers, in the order they came
  int name_width_ = 0;
  std::string open_;  // whose line has no end yet
};

}  // namespace berth::agent::cli
