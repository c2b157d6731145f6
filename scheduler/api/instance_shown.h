// Container instances by name, and as DescribeContainerInstances shows them.
#pragma once

#include "ecs/api/container_instance.h"
#include "scheduler/api/call.h"

namespace berth::scheduler {

/// With what is worked out: what it has left, counts, whether its agent is connected.
ecs::api::ContainerInstance Shown(const World& world, const InstanceRecord& record);

/// By id or ARN; null if the cluster has none of that name, or it is INACTIVE.
const InstanceRecord* FindInstance(const World& world, std::string_view cluster,
                                   std::string_view name);

}  // namespace berth::scheduler
