// What a task definition may say and this build does not do yet.
#pragma once

#include <string>
#include <vector>

#include "ecs/task_definition.h"

namespace berth::agent {

/// The JSON paths of all that the definition asks for and launching would leave out, such as
/// `containerDefinitions[1].firelensConfiguration`. Empty: it runs exactly as written.
std::vector<std::string> FindUnsupported(const ecs::TaskDefinition& definition);

}  // namespace berth::agent
