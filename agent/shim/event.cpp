#include "agent/shim/event.h"

#include "base/json.h"

namespace berth::agent::shim {

std::string_view Name(Status status) {
  switch (status) {
    case Status::kPending:
      return "PENDING";
    case Status::kRunning:
      return "RUNNING";
    case Status::kStopped:
      return "STOPPED";
  }
  return "";
}

std::string_view Name(Health health) {
  switch (health) {
    case Health::kUnknown:
      return "UNKNOWN";
    case Health::kHealthy:
      return "HEALTHY";
    case Health::kUnhealthy:
      return "UNHEALTHY";
  }
  return "";
}

std::string FormatEvent(const Event& event) {
  std::string line = fmt::format("{{\"time\":\"{}\"", FormatTime(event.time));
  const auto text = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) line += fmt::format(",\"{}\":{}", name, QuoteJson(value));
  };
  text("container", event.container);
  if (event.status) text("status", Name(*event.status));
  if (event.health) text("health", Name(*event.health));
  if (event.pid) line += fmt::format(",\"pid\":{}", *event.pid);
  if (event.exit_code) line += fmt::format(",\"exitCode\":{}", *event.exit_code);
  text("stopCode", event.stop_code);
  text("reason", event.reason);
  if (event.restart_count > 0) line += fmt::format(",\"restartCount\":{}", event.restart_count);
  line += "}\n";
  return line;
}

}  // namespace berth::agent::shim
