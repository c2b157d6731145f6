// What a task definition asks of the instance that it is placed on.
#pragma once

#include <string>
#include <vector>

#include "ecs/task_definition.h"

namespace berth::ecs {

/// requiresAttributes of DescribeTaskDefinition: the names of the attributes, by which agents tell
/// what they can do, that an instance must have (ECS derives no values). Sorted.
///
/// Source: which attribute goes with which parameter is in the agent's capabilities
/// (agent/app/agent_capability.go of amazon-ecs-agent) and the Developer Guide ("requires version
/// 1.25 of the Docker Remote API"); where the guide is silent or wrong, as for dockerLabels, what
/// DescribeTaskDefinition has been seen to answer.
std::vector<std::string> RequiredAttributes(const TaskDefinition& definition);

}  // namespace berth::ecs
