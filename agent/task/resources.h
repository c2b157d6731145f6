// What a task definition says of CPU and memory, as limits and as reservations.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "agent/state/state.h"
#include "cgroups/devices/rules.h"
#include "cgroups/limits.h"
#include "ecs/task_definition.h"
#include "runtime/spec/spec.h"

namespace berth::agent {

/// What the operator says of every task's cgroup.
struct TaskLimitSettings {
  std::chrono::microseconds cpu_period{100'000};  // ECS_CGROUP_CPU_PERIOD
  std::optional<uint64_t> pids;                   // ECS_TASK_PIDS_LIMIT
};

/// The limits of the task's cgroup: `cpu` is a quota, `memory` a hard limit; without a task `cpu`
/// the weight is the sum of the containers' (ECS agent, TaskCPUMemLimit).
cgroups::Limits TaskLimits(const ecs::TaskDefinition& definition,
                           const TaskLimitSettings& settings = {});

/// The limits of one container's cgroup within it: `cpu` is a share, `memory` a hard limit,
/// `memoryReservation` what is protected from reclaim.
cgroups::Limits ContainerLimits(const ecs::ContainerDefinition& container);

/// The devices that a container may use, as Docker has it: those of every container, and those that
/// `linuxParameters` names, with its permissions; all there are if it is privileged. `spec` is the
/// container's, which has the devices' numbers.
std::vector<cgroups::DeviceRule> DeviceRules(const ecs::ContainerDefinition& container,
                                             const runtime::Spec& spec);

/// What the task reserves of the host (ecs::ResourcesOf).
HostCapacity Reservation(const ecs::TaskDefinition& definition);

/// What this host has (ECS: 1024 units a processor; MiB of memory).
HostCapacity Capacity();

}  // namespace berth::agent
