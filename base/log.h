// What the programs say of themselves while they work: one line an event, to standard error.
#pragma once

#include <string_view>

#include "base/format.h"

namespace berth::log {

enum class Level { kDebug, kInfo, kWarning, kError };

/// What is below it is not written. From BERTH_LOG (debug, info, warning, error) at first; kWarning
/// if unset.
void SetLevel(Level level);
bool Enabled(Level level);
void Write(Level level, std::string_view message);

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
