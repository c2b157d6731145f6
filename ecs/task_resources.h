// What a task takes of the host it runs on.
#pragma once

#include <cstdint>
#include <set>

#include "ecs/task_definition.h"

namespace berth::ecs {

struct TaskResources {
  int64_t cpu = 0;     // CPU units
  int64_t memory = 0;  // MiB
  /// Host ports that the definition fixes.
  std::set<uint16_t> tcp_ports;
  std::set<uint16_t> udp_ports;

  bool operator==(const TaskResources&) const = default;
};

/// What a task of `definition` (overrides applied) takes: its own cpu and memory, or the sums over
/// its containers, a memoryReservation going before a memory (ContainerDefinition in the ECS API).
/// Ports are those that bridge mode maps to by number, and all of host mode's; a task with an
/// interface of its own takes none.
TaskResources ResourcesOf(const TaskDefinition& definition);

}  // namespace berth::ecs
