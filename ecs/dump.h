// From a task definition back to JSON.
#pragma once

#include <string>

#include "ecs/task_definition.h"

namespace berth::ecs {

/// `definition` in the shape of the input of RegisterTaskDefinition, on one line, without what has
/// its default value; `revision` is added if there is one. ParseTaskDefinition reads it back equal.
std::string DumpTaskDefinition(const TaskDefinition& definition);

}  // namespace berth::ecs
