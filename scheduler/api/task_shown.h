// Tasks by name, and as DescribeTasks shows them.
#pragma once

#include "ecs/api/task.h"
#include "scheduler/api/call.h"

namespace berth::scheduler {

/// With what is worked out: whether its agent is connected, its attachments.
ecs::api::Task Shown(const World& world, const TaskRecord& record);

/// By id or ARN; null if the cluster has none of that name.
const TaskRecord* FindTask(const World& world, std::string_view cluster, std::string_view name);

}  // namespace berth::scheduler
