// What linux.resources means to version 2 of cgroups.
#pragma once

#include <vector>

#include "base/result.h"
#include "cgroups/devices/rules.h"
#include "cgroups/limits.h"
#include "runtime/spec/resources.h"

namespace berth::runtime {

/// Shares and block I/O weights are converted as runc and crun do (WeightFromShares,
/// WeightFromBlkio). Fails if swap is limited below memory, or without it.
Result<cgroups::Limits> LimitsOf(const Resources& resources);

/// The rules of the cgroup's device filter: the configuration's, in order, and then what every
/// container may use (config-linux.md, "Default Devices"). What no rule is about is denied, as with
/// runc.
std::vector<cgroups::DeviceRule> DeviceRulesOf(const Resources& resources);

}  // namespace berth::runtime
