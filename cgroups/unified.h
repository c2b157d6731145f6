// The `unified` map of an OCI configuration: the kernel's files by their own names.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cgroups/setting.h"

namespace berth::cgroups {

/// File and value, in the order in which they are written (config-linux.md, "Unified").
using Unified = std::vector<std::pair<std::string, std::string>>;

/// Refuses what is not a control file's plain name: one with a slash, without a controller before
/// its first dot, or of cgroup.* itself, which would let a container's configuration move or kill
/// processes. The error names the key.
Result<void> CheckUnified(const Unified& unified);

/// A value of several lines is written line by line, as the kernel wants such files.
std::vector<Setting> UnifiedSettings(const Unified& unified);

}  // namespace berth::cgroups
