// What the programs say of themselves while they work: one line an event, to standard error.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/format.h"

namespace berth::log {

enum class Level { kDebug, kInfo, kWarning, kError };

/// What is below it is not written. From BERTH_LOG (debug, info, warning, error) at first; kWarning
/// if unset.
void SetLevel(Level level);
bool Enabled(Level level);
void Write(Level level, std::string_view message);

/// What messages are about, by name: {"BERTH_TASK_ID", "0af1b2..."}.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// Goes with every message of this thread while the object lives. Standard error does not show it.
class Field {
 public:
  Field(std::string name, std::string value);
  Field(const Field&) = delete;
  Field& operator=(const Field&) = delete;
  ~Field();
};

/// Takes the place of standard error; called by any thread. To be set before there are several.
using Sink = std::function<void(Level level, std::string_view message, const Fields& fields)>;
void SetSink(Sink sink);

template <typename... Args>
void Debug(fmt::format_string<Args...> text, Args&&... args) {
  if (Enabled(Level::kDebug)) Write(Level::kDebug, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void Info(fmt::format_string<Args...> text, Args&&... args) {
  if (Enabled(Level::kInfo)) Write(Level::kInfo, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void Warning(fmt::format_string<Args...> text, Args&&... args) {
  Write(Level::kWarning, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void Error(fmt::format_string<Args...> text, Args&&... args) {
  Write(Level::kError, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace berth::log
