#include "runtime/cli/log_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <memory>

#include "base/json.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/time.h"

namespace berth::runtime::cli {
namespace {

std::string_view NameOf(log::Level level) {
  switch (level) {
    case log::Level::kDebug:
      return "debug";
    case log::Level::kInfo:
      return "info";
    case log::Level::kWarning:
      return "warning";
    case log::Level::kError:
      return "error";
  }
  return "error";
}

Result<log::Level> LevelOf(const std::string& name) {
  for (const log::Level level :
       {log::Level::kDebug, log::Level::kInfo, log::Level::kWarning, log::Level::kError}) {
    if (name == NameOf(level)) return level;
  }
  if (name == "warn") return log::Level::kWarning;
  if (name == "fatal" || name == "panic") return log::Level::kError;
  if (name == "trace") return log::Level::kDebug;
  return MakeError("--log-level {}: must be debug, info, warning or error", name);
}

std::string Line(bool json, log::Level level, std::string_view message) {
  const std::string time = FormatTime(Now());
  return json ? fmt::format("{{\"level\":\"{}\",\"msg\":{},\"time\":\"{}\"}}\n", NameOf(level),
                            QuoteJson(message), time)
              : fmt::format("time=\"{}\" level={} msg={}\n", time, NameOf(level),
                            QuoteJson(message));
}

}  // namespace

Result<void> LogTo(const LogOptions& options) {
  log::SetLevel(TRY(LevelOf(options.level)));
  if (options.format != "text" && options.format != "json") {
    return MakeError("--log-format {}: must be text or json", options.format);
  }
  const bool json = options.format == "json";
  std::shared_ptr<UniqueFd> file;
  if (!options.file.empty()) {
    file = std::make_shared<UniqueFd>(
        TRY(sys::Open(options.file, O_WRONLY | O_APPEND | O_CREAT, 0644).Context("--log")));
  }
  log::SetSink([json, file](log::Level level, std::string_view message, const log::Fields&) {
    if (file) static_cast<void>(sys::WriteAll(file->get(), Line(json, level, message)));
    if (file && level != log::Level::kError) return;
    const std::string line = fmt::format("berth-runtime: {}\n", message);
    static_cast<void>(sys::WriteAll(STDERR_FILENO, line));
  });
  return {};
}

}  // namespace berth::runtime::cli
