#include <nlohmann/json.hpp>

#include "agent/shim/event.h"
#include "base/json_reader.h"

namespace berth::agent::shim {
namespace {

template <typename Enum>
std::optional<Enum> Named(const std::string& name, Enum last) {
  for (int value = 0; value <= static_cast<int>(last); ++value) {
    if (Name(static_cast<Enum>(value)) == name) return static_cast<Enum>(value);
  }
  return std::nullopt;
}

}  // namespace

Result<Event> ParseEvent(std::string_view line) {
  const Json document = TRY(ParseJson(line));
  JsonProblems problems;
  const JsonReader in(document, problems);
  Event event;
  std::string time;
  std::string status;
  std::string health;
  in.Require("time", time);
  in.Read("container", event.container);
  in.Read("status", status);
  in.Read("health", health);
  in.Read("pid", event.pid);
  in.Read("exitCode", event.exit_code);
  in.Read("stopCode", event.stop_code);
  in.Read("reason", event.reason);
  in.Read("restartCount", event.restart_count);
  TRY(problems.Check());
  event.time = TRY(ParseTime(time));
  event.status = Named(status, Status::kStopped);
  event.health = Named(health, Health::kUnhealthy);
  return event;
}

Result<std::vector<Event>> ParseJournal(std::string_view journal) {
  std::vector<Event> events;
  for (size_t line = 1;; ++line) {
    const size_t end = journal.find('\n');
    if (end == std::string_view::npos) return events;
    events.push_back(TRY(ParseEvent(journal.substr(0, end)).Context("line {}", line)));
    journal.remove_prefix(end + 1);
  }
}

}  // namespace berth::agent::shim
