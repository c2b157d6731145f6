// What a task definition says of CPU and memory, as limits and as reservations.
#pragma once

#include "agent/state/state.h"
#include "cgroups/limits.h"
#include "ecs/task_definition.h"

namespace berth::agent {

/// The limits of the task's cgroup: `cpu` is a quota, `memory` a hard limit; without a task `cpu`
/// the weight is the sum of the containers' (ECS agent, TaskCPUMemLimit).
cgroups::Limits TaskLimits(const ecs::TaskDefinition& definition);

/// The limits of one container's cgroup within it: `cpu` is a share, `memory` a hard limit,
/// `memoryReservation` what is protected from reclaim.
cgroups::Limits ContainerLimits(const ecs::ContainerDefinition& container);

/// What the task reserves of the host (ecs::ResourcesOf).
HostCapacity Reservation(const ecs::TaskDefinition& definition);

/// What this host has (ECS: 1024 units a processor; MiB of memory).
HostCapacity Capacity();

}  // namespace berth::agent
