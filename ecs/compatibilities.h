// The kinds of capacity that a task definition could run on.
#pragma once

#include <vector>

#include "ecs/task_definition.h"

namespace berth::ecs {

/// compatibilities of DescribeTaskDefinition: the kinds of capacity that could run a valid
/// `definition`, whatever it requires. MANAGED_INSTANCES is among them only if it is required.
std::vector<Compatibility> Compatibilities(const TaskDefinition& definition);

}  // namespace berth::ecs
