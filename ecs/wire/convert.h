// Between a task definition and the task that agents get (ecs-agent's docker-shaped wire): the
// scheduler converts one way, the agent the other.
#pragma once

#include "base/result.h"
#include "ecs/task_definition.h"
#include "ecs/wire/acs_task.h"

namespace berth::ecs::wire {

/// The containers, volumes and settings of `definition` (overrides applied) as a payload has them:
/// what the wire has fields for goes there, the rest into dockerConfig's config and hostConfig. The
/// caller adds ARNs, credentials and interfaces.
AcsTask ToAcsTask(const TaskDefinition& definition);

/// The task definition that `task` stands for, whoever sent it. Anything in it that a task
/// definition can't say (a field of hostConfig that ECS never sets, a volume type of another
/// platform) is an error that names it: nothing is ignored in silence. Its roles are those whose
/// credentials the task has. The result is valid (ecs/validate.h); if not, that is the error.
///
/// ToAcsTask's output gives the definition it was made from, but for the roles, if the caller adds
/// no credentials; for what only the scheduler needs (placement constraints, compatibilities, tags,
/// runtimePlatform, ephemeralStorage, versionConsistency, names of ports); and for the order of
/// what the wire has as maps (environment, systemControls, tmpfs, properties of the proxy).
Result<TaskDefinition> FromAcsTask(const AcsTask& task);

}  // namespace berth::ecs::wire
