#include "ecs/rules.h"

namespace berth::ecs {
namespace {

constexpr int64_t kLeastCpu = 128;
constexpr int64_t kMostCpu = 192 * 1024;
// The API's documents ask for 6 MiB with newer dockers, which is docker's own overhead; ECS
// registers 4.
constexpr int64_t kLeastMemory = 4;

// What a scheduler sets aside for `container`.
int64_t Reserved(const ContainerDefinition& container) {
  return container.memoryReservation.value_or(container.memory.value_or(0));
}

void CheckContainerMemory(const TaskDefinition& definition, const ContainerDefinition& container,
                          const Place& at) {
  const auto& memory = container.memory;
  const auto& reservation = container.memoryReservation;
  if (!memory && !reservation && !definition.memory) {
    return at.Complain("memory or memoryReservation is required, as the task has no memory");
  }
  if (memory) at["memory"].CheckLeast(*memory, kLeastMemory);
  if (reservation) at["memoryReservation"].CheckLeast(*reservation, kLeastMemory);
  if (memory && reservation && *reservation > *memory) {
    at["memoryReservation"].Complain("must not be more than memory ({} MiB), not {}", *memory,
                                     *reservation);
  }
  if (memory && definition.memory && *memory > *definition.memory) {
    at["memory"].Complain("must not be more than the task's memory ({} MiB), not {}",
                          *definition.memory, *memory);
  }
}

}  // namespace

void CheckTaskSize(const TaskDefinition& definition, const Place& at) {
  if (definition.cpu) at["cpu"].CheckRange(*definition.cpu, kLeastCpu, kMostCpu);
  if (definition.memory) at["memory"].CheckLeast(*definition.memory, kLeastMemory);
  const auto& containers = definition.containerDefinitions;
  for (size_t i = 0; i < containers.size(); ++i) {
    CheckContainerMemory(definition, containers[i], at["containerDefinitions"][i]);
  }
  if (!definition.memory) return;
  // Sums stop growing past the limit: there may be nonsense among them.
  int64_t reserved = 0;
  for (const ContainerDefinition& container : containers) {
    reserved += std::clamp<int64_t>(Reserved(container), 0, INT32_MAX);
  }
  if (reserved <= *definition.memory) return;
  at["memory"].Complain("must hold what the containers reserve ({} MiB), not {}", reserved,
                        *definition.memory);
}

}  // namespace berth::ecs
