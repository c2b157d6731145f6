#include "ecs/task_resources.h"

namespace berth::ecs {
namespace {

// The host port that a mapping fixes; 0 if any will do, or none is taken.
uint16_t FixedPort(NetworkMode mode, const PortMapping& mapping) {
  if (mapping.containerPortRange) return 0;  // bridge mode finds a free range
  if (mode == NetworkMode::kHost) return mapping.containerPort.value_or(0);
  if (mode == NetworkMode::kBridge) return mapping.hostPort.value_or(0);
  return 0;
}

}  // namespace

TaskResources ResourcesOf(const TaskDefinition& definition) {
  TaskResources sum;
  for (const ContainerDefinition& container : definition.containerDefinitions) {
    sum.cpu += container.cpu;
    sum.memory += container.memoryReservation.value_or(container.memory.value_or(0));
    for (const PortMapping& mapping : container.portMappings) {
      const uint16_t port = FixedPort(definition.networkMode, mapping);
      if (port == 0) continue;
      (mapping.protocol == TransportProtocol::kTcp ? sum.tcp_ports : sum.udp_ports).insert(port);
    }
  }
  sum.cpu = definition.cpu.value_or(sum.cpu);
  sum.memory = definition.memory.value_or(sum.memory);
  return sum;
}

}  // namespace berth::ecs
