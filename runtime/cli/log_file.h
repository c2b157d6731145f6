// Where messages go: --log, --log-format, --log-level.
#pragma once

#include <string>

#include "base/result.h"

namespace berth::runtime::cli {

struct LogOptions {
  std::string file;    // also file:PATH, journald:NAME or syslog:NAME, as crun has it; empty: none
  std::string format;  // "text" or "json"
  std::string level;   // "debug", "info", "warning", "error"
};

/// From here on messages go to the file, one a line in the form that callers of runc read; and to
/// standard error, errors always and others if there is no file. Lines of several processes never
/// mix.
Result<void> LogTo(const LogOptions& options);

}  // namespace berth::runtime::cli
