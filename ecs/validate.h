// The rules that ECS checks when a task definition is registered.
#pragma once

#include "base/json_reader.h"
#include "ecs/task_definition.h"

namespace berth::ecs {

/// Everything in `definition` that ECS would refuse, each with its JSON path. Rules of FARGATE bind
/// only definitions that name it in requiresCompatibilities.
JsonProblems FindProblems(const TaskDefinition& definition);

/// Fails with all of FindProblems, one a line. What ParseTaskDefinition returned passes.
Result<void> ValidateTaskDefinition(const TaskDefinition& definition);

}  // namespace berth::ecs
