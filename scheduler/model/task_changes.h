// The life of a task as the scheduler sees it.
//
//   PROVISIONING -> PENDING -> ACTIVATING -> RUNNING -> DEACTIVATING -> STOPPING -> DEPROVISIONING
//   (interface)    (delivered)                                                      -> STOPPED
//
// Source: "Amazon ECS task lifecycle" in the Developer Guide. Agents tell of PENDING, RUNNING and
// STOPPED; a status only moves forward.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ecs/api/agent.h"
#include "ecs/api/task.h"
#include "scheduler/model/world.h"

namespace berth::scheduler {

struct StopOrder {
  ecs::api::TaskStopCode code = ecs::api::TaskStopCode::kUserInitiated;
  std::string reason;
  WallTime now;
};

/// The task is to stop: desiredStatus becomes STOPPED, and its agent will be told. Says nothing new
/// of one that is stopping or stopped.
const TaskRecord& BeginStop(World& world, const TaskRecord& record, const StopOrder& order);

/// The task has stopped, and gives back what it took.
const TaskRecord& EndTask(World& world, TaskRecord record, WallTime now);

/// What its agent reports of it. What is behind what is known already, or repeats it, changes
/// nothing.
void ApplyReport(World& world, const TaskRecord& record,
                 const ecs::api::SubmitTaskStateChangeRequest& report, WallTime now);

/// The place of a status in the drawing above, from 0; -1 if there is none of that name.
int RankOf(std::string_view last_status);

}  // namespace berth::scheduler
