// Processes in the way of controllers: the kernel hands none down from a cgroup that processes live
// in (Documentation/admin-guide/cgroup-v2.rst, "No Internal Process Constraint").
#pragma once

#include <string>

#include "base/result.h"

namespace berth::cgroups {

/// The leaf that they are moved to.
inline constexpr const char* kInitLeaf = "init";

/// Moves every process that lives in the cgroup directory `path` itself, the caller included, into
/// its leaf "init". Fails with EBUSY if some are still there in the end: those that are outside of
/// the caller's pid namespace, or fork faster than they are moved.
Result<void> MakeWay(const std::string& path);

}  // namespace berth::cgroups
