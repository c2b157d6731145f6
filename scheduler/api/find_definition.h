// Task definitions by the names that people give: "web", "web:3", ARN.
#pragma once

#include "scheduler/api/call.h"

namespace berth::scheduler {

/// A family alone means its last ACTIVE revision. Errors: ClientException if there is none,
/// InvalidParameterException for the ARN of something else.
ecs::ApiResult<const TaskDefinitionRecord*> FindDefinition(const Call& call, std::string_view name);

}  // namespace berth::scheduler
