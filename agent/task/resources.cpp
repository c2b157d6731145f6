#include "agent/task/resources.h"

#include <unistd.h>

#include <algorithm>

#include "ecs/task_resources.h"

namespace berth::agent {
namespace {

constexpr int64_t kMiB = 1024 * 1024;
constexpr int64_t kUnitsPerCpu = 1024;
// Docker's least, which ECS raises smaller values to.
constexpr int64_t kLeastShares = 2;
constexpr int64_t kLeastMemory = 4;

uint64_t MemoryBytes(int64_t mebibytes) {
  return static_cast<uint64_t>(std::max(mebibytes, kLeastMemory) * kMiB);
}

}  // namespace

cgroups::Limits TaskLimits(const ecs::TaskDefinition& definition) {
  cgroups::Limits limits;
  if (definition.memory) limits.memory.max = MemoryBytes(*definition.memory);
  if (definition.cpu) {
    cgroups::CpuMax max;
    max.quota = static_cast<uint64_t>(*definition.cpu) * max.period / kUnitsPerCpu;
    limits.cpu.max = max;
    return limits;
  }
  int64_t shares = 0;
  for (const ecs::ContainerDefinition& container : definition.containerDefinitions) {
    shares += std::max(container.cpu, kLeastShares);
  }
  limits.cpu.weight = cgroups::WeightFromShares(static_cast<uint64_t>(shares));
  return limits;
}

cgroups::Limits ContainerLimits(const ecs::ContainerDefinition& container) {
  cgroups::Limits limits;
  limits.cpu.weight =
      cgroups::WeightFromShares(static_cast<uint64_t>(std::max(container.cpu, kLeastShares)));
  if (container.memory) limits.memory.max = MemoryBytes(*container.memory);
  if (container.memoryReservation) limits.memory.low = MemoryBytes(*container.memoryReservation);
  if (container.linuxParameters && container.linuxParameters->maxSwap) {
    limits.memory.swap_max = static_cast<uint64_t>(*container.linuxParameters->maxSwap * kMiB);
  }
  return limits;
}

HostCapacity Reservation(const ecs::TaskDefinition& definition) {
  const ecs::TaskResources resources = ecs::ResourcesOf(definition);
  return {.cpu = resources.cpu, .memory = resources.memory};
}

HostCapacity Capacity() {
  return {.cpu = ::sysconf(_SC_NPROCESSORS_ONLN) * kUnitsPerCpu,
          .memory = ::sysconf(_SC_PHYS_PAGES) / (kMiB / ::sysconf(_SC_PAGESIZE))};
}

}  // namespace berth::agent
