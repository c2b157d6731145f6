// A task to be: what RunTask and StartTask have checked of it, and its record once it has a place.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ecs/api/task.h"
#include "scheduler/api/call.h"
#include "scheduler/placement/placement.h"

namespace berth::scheduler {

/// What both calls say of the tasks to start.
struct TaskWish {
  std::optional<std::string> cluster;
  std::string task_definition;
  std::optional<ecs::TaskOverride> overrides;
  std::optional<ecs::NetworkConfiguration> network;
  std::optional<std::string> group;
  std::optional<std::string> started_by;
  std::vector<ecs::Tag> tags;
  std::optional<ecs::api::PropagateTags> propagate_tags;
  ecs::api::LaunchType launch_type = ecs::api::LaunchType::kEc2;
  bool enable_execute_command = false;
};

/// The wish with everything it names found.
struct CheckedWish {
  TaskWish wish;
  const ClusterRecord* cluster = nullptr;
  const TaskDefinitionRecord* definition = nullptr;
  ecs::TaskDefinition applied;   // the definition with the overrides
  placement::Request placement;  // what it asks of an instance; no strategies yet
};

/// Errors: those of RunTask (ClientException, InvalidParameterException, ClusterNotFoundException,
/// AccessDeniedException), which say what is wrong.
ecs::ApiResult<CheckedWish> CheckWish(const Call& call, TaskWish wish);

/// Puts one more task on `instance`, with an interface if its mode wants one.
ecs::ApiResult<const TaskRecord*> AddTask(const Call& call, const CheckedWish& wish,
                                          const std::string& instance_id);

}  // namespace berth::scheduler
