// Event: what happened to a task, one JSON line each in its journal.
//
// The journal is what survives: the shim writes a line before anyone is told, and whoever wants to
// know how a task stands reads it from the start.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace berth::agent::shim {

/// Of a container or of the task, in ECS's words.
enum class Status { kPending, kRunning, kStopped };
enum class Health { kUnknown, kHealthy, kUnhealthy };

std::string_view Name(Status status);
std::string_view Name(Health health);

struct Event {
  WallTime time;
  std::string container;         // empty: of the task
  std::optional<Status> status;  // a change of status, or
  std::optional<Health> health;  // a change of health
  std::optional<int> pid;        // with kRunning
  std::optional<int> exit_code;  // with kStopped, if it ever ran
  std::string stop_code;         // of the task: EssentialContainerExited, UserInitiated, ...
  std::string reason;            // why it stopped; the health check's output
  int restart_count = 0;
};

/// The event as one JSON line with its line feed.
std::string FormatEvent(const Event& event);
/// Reads one line. (In a file of its own: the shim itself does without a JSON parser.)
Result<Event> ParseEvent(std::string_view line);
/// Reads a journal. A last line that a crash cut short is left out.
Result<std::vector<Event>> ParseJournal(std::string_view journal);

}  // namespace berth::agent::shim
