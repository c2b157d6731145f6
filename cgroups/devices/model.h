// What a list of device rules means, as plainly as it can be written; for tests.
#pragma once

#include <linux/bpf.h>

#include <random>
#include <span>
#include <vector>

#include "cgroups/devices/rules.h"

namespace berth::cgroups {

/// One question to the kernel: `type` is BPF_DEVCG_DEV_*.
struct DeviceRequest {
  uint32_t type = BPF_DEVCG_DEV_CHAR;
  uint32_t major = 0;
  uint32_t minor = 0;
  DeviceAccess access = 0;
};

/// Goes through the rules for each access by itself.
bool ModelAllows(std::span<const DeviceRule> rules, const DeviceRequest& request);

/// Up to `most` rules about few numbers, so that they meet often.
std::vector<DeviceRule> RandomRules(std::mt19937& random, size_t most,
                                    std::span<const uint32_t> numbers);

/// For the message of a failed test, one rule a line.
std::string DescribeAll(std::span<const DeviceRule> rules);

}  // namespace berth::cgroups
