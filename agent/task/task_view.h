// TaskView: all there is to say about one task, put together from its record, its definition and
// its journal. What ps, inspect and the views show.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/shim/event.h"
#include "agent/state/state.h"
#include "agent/task/agent_context.h"
#include "base/result.h"

namespace berth::agent {

struct ContainerView {
  std::string name;
  std::string image;
  bool essential = true;
  shim::Status status = shim::Status::kPending;
  std::optional<shim::Health> health;  // if it has a health check
  std::optional<int> pid;              // while it runs
  std::optional<int> exit_code;        // once it has stopped, if it ran
  std::string reason;
  int restart_count = 0;
  std::optional<WallTime> started;
  std::optional<WallTime> stopped;
  std::vector<PortRecord> ports;         // ECS networkBindings: a range is one
  std::vector<AddressRecord> addresses;  // ECS networkInterfaces; in awsvpc mode the task's
};

struct TaskView {
  TaskRecord record;
  std::string family;
  int revision = 0;
  std::string network_mode;
  shim::Status status = shim::Status::kPending;
  std::string stop_code;            // ECS stopCode, once stopped
  std::string stopped_reason;       // ECS stoppedReason
  std::optional<WallTime> started;  // when all of its containers had
  std::optional<WallTime> stopped;
  std::vector<ContainerView> containers;  // in the order of the definition

  /// "family:revision", or the family alone of a definition that was never registered.
  std::string DefinitionName() const;
  /// What `berth run` exits with: the code of the essential container that stopped first. If what
  /// stopped the task is that one of them failed to start: 127 or 126 if its program could not be
  /// found or executed, else 125; also 125 if none ran. Nothing while the task runs.
  std::optional<int> ExitCode() const;
  /// ECS healthStatus of a task: that of its essential containers with health checks, the worst
  /// first. Nothing if there are none.
  std::optional<shim::Health> Health() const;
};

/// `count` ports from `first` on as ECS writes them: "8000", "8000-8010".
std::string RowText(uint16_t first, size_t count);

/// `view` as it stands after the events, which come in the order of the journal. Those of
/// containers that the view does not have are skipped.
TaskView FoldEvents(TaskView view, std::span<const shim::Event> events);

/// Reads the journal; a task whose shim has died counts as stopped.
Result<TaskView> ViewTask(AgentContext& context, const TaskRecord& record);

}  // namespace berth::agent
