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
constexpr uint64_t kLeastQuota = 1000;  // microseconds; the kernel refuses less

uint64_t MemoryBytes(int64_t mebibytes) {
  return static_cast<uint64_t>(std::max(mebibytes, kLeastMemory) * kMiB);
}

cgroups::DeviceAccess Access(const std::vector<ecs::DevicePermission>& permissions) {
  if (permissions.empty()) return cgroups::kAnyDeviceAccess;
  cgroups::DeviceAccess access = 0;
  for (const ecs::DevicePermission permission : permissions) {
    switch (permission) {
      case ecs::DevicePermission::kRead:
        access |= cgroups::kDeviceRead;
        break;
      case ecs::DevicePermission::kWrite:
        access |= cgroups::kDeviceWrite;
        break;
      case ecs::DevicePermission::kMknod:
        access |= cgroups::kDeviceMknod;
        break;
    }
  }
  return access;
}

}  // namespace

cgroups::Limits TaskLimits(const ecs::TaskDefinition& definition,
                           const TaskLimitSettings& settings) {
  cgroups::Limits limits;
  limits.pids.max = settings.pids;
  if (definition.memory) limits.memory.max = MemoryBytes(*definition.memory);
  if (definition.cpu) {
    cgroups::CpuMax max = {.period = static_cast<uint64_t>(settings.cpu_period.count())};
    max.quota =
        std::max(static_cast<uint64_t>(*definition.cpu) * max.period / kUnitsPerCpu, kLeastQuota);
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

std::vector<cgroups::DeviceRule> DeviceRules(const ecs::ContainerDefinition& container,
                                             const runtime::Spec& spec) {
  if (container.privileged) return {{.allow = true}};
  std::vector<cgroups::DeviceRule> rules = cgroups::DefaultDeviceRules();
  if (!container.linuxParameters) return rules;
  for (const ecs::Device& wanted : container.linuxParameters->devices) {
    const std::string& path = wanted.containerPath.value_or(wanted.hostPath);
    const auto& devices = spec.linux_.devices;
    const auto made = std::find_if(devices.begin(), devices.end(),
                                   [&](const auto& device) { return device.path == path; });
    if (made == devices.end()) continue;
    rules.push_back(
        {.allow = true,
         .type = made->type == "b" ? cgroups::DeviceType::kBlock : cgroups::DeviceType::kChar,
         .major = static_cast<uint32_t>(made->major),
         .minor = static_cast<uint32_t>(made->minor),
         .access = Access(wanted.permissions)});
  }
  return rules;
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
