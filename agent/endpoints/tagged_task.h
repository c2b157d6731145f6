// A task's metadata with the tags that the ECS API knows.
#pragma once

#include <functional>

#include "agent/endpoints/ecs_calls.h"
#include "agent/endpoints/metadata_json.h"

namespace berth::agent::endpoints {

/// Asks for the tags of the task and of its container instance, and hands on the description with
/// both in it. What could not be had is told in its "Errors".
void DescribeTaskWithTags(const EndpointTask& task, const AgentInfo& agent, MetadataVersion version,
                          EcsCalls& calls, std::function<void(const Json&)> done);

}  // namespace berth::agent::endpoints
