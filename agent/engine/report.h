// What the scheduler is to be told of a task next.
//
// Told from how things stand and what it has been told, never from events: however late an answer
// comes and however often the agent dies in between, the reports come in their order, and once.
#pragma once

#include <optional>

#include "agent/engine/task_book.h"
#include "agent/task/task_view.h"
#include "ecs/api/agent.h"

namespace berth::agent::engine {

/// How a task stands: its record and, once it was launched, what its shim has written.
struct TaskState {
  BookedTask booked;
  std::optional<TaskView> view;
  /// All it took of the host is given back; only then it counts as stopped, since the scheduler
  /// will then give it to another task.
  bool released = false;

  /// It runs no more, and never will.
  bool Stopped() const;
  /// It was seen to run as a whole, even if it has stopped since.
  bool HasRun() const;
};

struct Report {
  ecs::api::SubmitTaskStateChangeRequest request;
  Told tells = Told::kNothing;
};

/// The next report; nothing if the scheduler knows it all. That it ran is told before that it has
/// stopped.
std::optional<Report> NextReport(const TaskState& state, const std::string& cluster);

/// A report between those: what containers have come to while the task's status stays as it is.
ecs::api::SubmitTaskStateChangeRequest ContainerReport(const TaskState& state,
                                                       const std::string& cluster);

}  // namespace berth::agent::engine
