// From the JSON that ECS users have to a task definition.
#pragma once

#include <string_view>

#include "base/result.h"
#include "ecs/task_definition.h"

namespace berth::ecs {

/// Reads and validates a task definition in any of the shapes in which people keep them:
///   - the input of `aws ecs register-task-definition`;
///   - the output of `aws ecs describe-task-definition`: wrapped in `taskDefinition`, `tags` beside
///     it, with fields that only ECS sets; of these `revision` is kept, the others are skipped;
///   - a skeleton of `--generate-cli-skeleton` that was filled in: what was left blank counts as
///     not given (ecs/skeleton.h says what is blank).
/// Fails with every problem found, one a line, as
/// `containerDefinitions[1].portMappings[0].hostPort: must equal containerPort (80) in networkMode
/// awsvpc, not 8080`.
Result<TaskDefinition> ParseTaskDefinition(std::string_view json);

}  // namespace berth::ecs
