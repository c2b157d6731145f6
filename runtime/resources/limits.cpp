#include "runtime/resources/limits.h"

#include <algorithm>

namespace berth::runtime {
namespace {

uint64_t OrUnlimited(int64_t value) {
  return value < 0 ? cgroups::kUnlimited : static_cast<uint64_t>(value);
}

Result<cgroups::MemoryLimits> MemoryOf(const MemoryResources& memory) {
  cgroups::MemoryLimits limits;
  if (memory.limit && *memory.limit != 0) limits.max = OrUnlimited(*memory.limit);
  if (memory.reservation && *memory.reservation != 0) {
    limits.low = *memory.reservation < 0 ? 0 : static_cast<uint64_t>(*memory.reservation);
  }
  limits.swap_max =
      TRY(cgroups::SwapMax(memory.limit, memory.swap).Context("linux.resources.memory.swap"));
  return limits;
}

cgroups::CpuLimits CpuOf(const CpuResources& cpu) {
  cgroups::CpuLimits limits;
  if (cpu.shares && *cpu.shares != 0) limits.weight = cgroups::WeightFromShares(*cpu.shares);
  const int64_t quota = cpu.quota.value_or(0);
  const uint64_t period = cpu.period.value_or(0);
  if (quota != 0 || period != 0) {
    cgroups::CpuMax& max = limits.max.emplace();
    max.quota = quota > 0 ? static_cast<uint64_t>(quota) : cgroups::kUnlimited;
    if (period != 0) max.period = period;
  }
  limits.burst = cpu.burst;
  if (cpu.idle) {
    limits.idle = *cpu.idle == 1;
    // The kernel refuses a weight for what runs only when nobody else wants to.
    if (*limits.idle) limits.weight.reset();
  }
  return limits;
}

void AddThrottles(std::vector<cgroups::IoMax>& limits, const std::vector<BlockThrottle>& throttles,
                  std::optional<uint64_t> cgroups::IoMax::*member) {
  for (const BlockThrottle& throttle : throttles) {
    const cgroups::BlockDevice device = {.major = throttle.major, .minor = throttle.minor};
    auto entry = std::find_if(limits.begin(), limits.end(),
                              [&](const auto& limit) { return limit.device == device; });
    if (entry == limits.end()) entry = limits.insert(limits.end(), {.device = device});
    // 0 takes a limit back, as in version 1.
    (*entry).*member = throttle.rate == 0 ? cgroups::kUnlimited : throttle.rate;
  }
}

cgroups::IoLimits IoOf(const BlockIoResources& io) {
  cgroups::IoLimits limits;
  if (io.weight && *io.weight != 0) limits.weight = cgroups::WeightFromBlkio(*io.weight);
  for (const BlockWeight& weight : io.weightDevice) {
    if (!weight.weight) continue;
    limits.device_weights.push_back({.device = {.major = weight.major, .minor = weight.minor},
                                     .weight = cgroups::WeightFromBlkio(*weight.weight)});
  }
  AddThrottles(limits.max, io.throttleReadBpsDevice, &cgroups::IoMax::rbps);
  AddThrottles(limits.max, io.throttleWriteBpsDevice, &cgroups::IoMax::wbps);
  AddThrottles(limits.max, io.throttleReadIOPSDevice, &cgroups::IoMax::riops);
  AddThrottles(limits.max, io.throttleWriteIOPSDevice, &cgroups::IoMax::wiops);
  return limits;
}

// The parser has seen that each of them can be read.
cgroups::DeviceRule RuleOf(const DeviceResources& device) {
  cgroups::DeviceRule rule = {.allow = device.allow};
  rule.type = cgroups::ParseDeviceType(device.type).ValueOr(cgroups::DeviceType::kAll);
  // Such a rule is about everything, whatever else it says: see decision 17.
  if (rule.type == cgroups::DeviceType::kAll) return rule;
  rule.major = cgroups::ParseDeviceNumber(device.major).ValueOr(std::nullopt);
  rule.minor = cgroups::ParseDeviceNumber(device.minor).ValueOr(std::nullopt);
  if (!device.access.empty()) {
    rule.access = cgroups::ParseDeviceAccess(device.access).ValueOr(cgroups::kAnyDeviceAccess);
  }
  return rule;
}

}  // namespace

Result<cgroups::Limits> LimitsOf(const Resources& resources) {
  cgroups::Limits limits;
  limits.memory = TRY(MemoryOf(resources.memory));
  limits.cpu = CpuOf(resources.cpu);
  limits.cpuset = {.cpus = resources.cpu.cpus, .mems = resources.cpu.mems};
  limits.io = IoOf(resources.blockIO);
  if (resources.pids_limit) {
    const int64_t most = *resources.pids_limit;
    limits.pids.max = most <= 0 ? cgroups::kUnlimited : static_cast<uint64_t>(most);
  }
  for (const HugepageResources& pages : resources.hugepageLimits) {
    limits.hugetlb.push_back({.page_size = pages.pageSize, .max = pages.limit});
  }
  for (const auto& [device, most] : resources.rdma) {
    limits.rdma.push_back(
        {.device = device, .hca_handle = most.hcaHandles, .hca_object = most.hcaObjects});
  }
  limits.unified = {resources.unified.begin(), resources.unified.end()};
  return limits;
}

std::vector<cgroups::DeviceRule> DeviceRulesOf(const Resources& resources) {
  std::vector<cgroups::DeviceRule> rules;
  for (const DeviceResources& device : resources.devices) {
    if (device.type != "p") rules.push_back(RuleOf(device));  // pipes are no devices
  }
  for (cgroups::DeviceRule& rule : cgroups::DefaultDeviceRules()) rules.push_back(rule);
  return rules;
}

}  // namespace berth::runtime
