#include "runtime/cli/log_file.h"

#include <fcntl.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>

#include "base/json.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/time.h"
#include "systemd/journal.h"

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

using Destination = std::function<void(log::Level, std::string_view)>;

int PriorityOf(log::Level level) {
  constexpr std::array<int, 4> kPriorities = {LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR};
  return kPriorities[static_cast<size_t>(level)];
}

// Each is shared, as a std::function has to be copied.
Result<Destination> ToFile(const std::string& path, bool json) {
  auto file = std::make_shared<UniqueFd>(TRY(sys::Open(path, O_WRONLY | O_APPEND | O_CREAT, 0644)));
  return Destination([json, file](log::Level level, std::string_view message) {
    static_cast<void>(sys::WriteAll(file->get(), Line(json, level, message)));
  });
}

Result<Destination> ToJournal(const std::string& identifier) {
  auto journal = systemd::Journal::Connect();
  if (!journal) return MakeError("no journal listens on this host");
  auto shared = std::make_shared<systemd::Journal>(*std::move(journal));
  return Destination([shared, identifier](log::Level level, std::string_view message) {
    shared->Send(PriorityOf(level), message, {{.name = "SYSLOG_IDENTIFIER", .value = identifier}});
  });
}

Destination ToSyslog(const std::string& identifier) {
  static std::string kept;  // openlog(3) keeps the pointer
  kept = identifier;
  ::openlog(kept.c_str(), 0, LOG_USER);
  return [](log::Level level, std::string_view message) {
    ::syslog(PriorityOf(level), "%.*s", static_cast<int>(message.size()), message.data());
  };
}

// Empty if there is none beside standard error.
Result<Destination> OpenDestination(const LogOptions& options) {
  const std::string& where = options.file;
  const size_t colon = where.find(':');
  const std::string kind = where.substr(0, colon);
  const std::string name = colon == std::string::npos ? "" : where.substr(colon + 1);
  const std::string identifier = name.empty() ? "berth-runtime" : name;
  if (colon != std::string::npos && kind == "journald") return ToJournal(identifier);
  if (colon != std::string::npos && kind == "syslog") return ToSyslog(identifier);
  const std::string path = colon != std::string::npos && kind == "file" ? name : where;
  if (path.empty()) return Destination();
  return ToFile(path, options.format == "json");
}

}  // namespace

Result<void> LogTo(const LogOptions& options) {
  log::SetLevel(TRY(LevelOf(options.level)));
  if (options.format != "text" && options.format != "json") {
    return MakeError("--log-format {}: must be text or json", options.format);
  }
  const auto destination = TRY(OpenDestination(options).Context("--log"));
  log::SetSink([destination](log::Level level, std::string_view message, const log::Fields&) {
    if (destination) destination(level, message);
    if (destination && level != log::Level::kError) return;
    const std::string line = fmt::format("berth-runtime: {}\n", message);
    static_cast<void>(sys::WriteAll(STDERR_FILENO, line));
  });
  return {};
}

}  // namespace berth::runtime::cli
