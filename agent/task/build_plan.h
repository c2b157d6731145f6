// From a container definition to the shim's plan for it: order, time-outs, checks, logs.
#pragma once

#include <string>

#include "agent/images/image.h"
#include "agent/paths.h"
#include "agent/shim/plan.h"
#include "base/result.h"
#include "ecs/task_definition.h"

namespace berth::agent {

/// The plan of one container, without what depends on the host (cgroup, volume seeds).
Result<shim::ContainerPlan> BuildContainerPlan(const std::string& task_id,
                                               const ecs::TaskDefinition& task, size_t index,
                                               const images::Image& image, const Paths& paths);

}  // namespace berth::agent
