// What is done for a task on a worker's thread: everything that may take long.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agent/engine/task_book.h"
#include "agent/paths.h"
#include "agent/task/resolve_images.h"
#include "agent/task/resources.h"
#include "agent/task/task_view.h"
#include "base/result.h"
#include "net/netns_pool.h"

namespace berth::agent::engine {

struct LaunchJob {
  Paths paths;
  BookedTask task;
  std::string region;
  PullBehavior pull = PullBehavior::kPreferCached;
  TaskLimitSettings limits;
  net::NetnsPool* netns_pool = nullptr;
  /// Told how the task stands before its first container starts; returns once that is known to
  /// whoever answers its questions.
  std::function<void(TaskView)> announce;
};

struct LaunchOutcome {
  /// The task as it was started; or why it was not.
  Result<TaskView> view = MakeError("not launched");
  /// The host has no room now: it may be tried again when another task has ended.
  bool no_room = false;
  std::optional<WallTime> pull_started, pull_stopped;
  std::map<std::string, std::string> digests;  // of images, by container
};

/// Pulls what is missing and launches. Errors of images start as ECS's do.
LaunchOutcome Launch(const LaunchJob& job);

/// Has the task's shim stop it. One that has none any more is no error.
Result<void> AskToStop(const Paths& paths, const std::string& task_id);

/// Gives back what the task took, if its shim has not, and tells how it ended.
Result<TaskView> Finish(const Paths& paths, const std::string& task_id);

/// Removes all that is left of an ended task.
Result<void> Remove(const Paths& paths, const std::string& task_id);

/// How the task stands on this host after whatever happened to the agent: nothing if there is no
/// trace of it, or none but that of a launch that was interrupted (which is then removed).
Result<std::optional<TaskView>> Recall(const Paths& paths, const std::string& task_id);

}  // namespace berth::agent::engine
