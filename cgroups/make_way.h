// Processes in the way of controllers: the kernel hands none down from a cgroup that processes live
// in (Documentation/admin-guide/cgroup-v2.rst, "No Internal Process Constraint").
#pragma once

#include <string>

#include "base/result.h"
#include "cgroups/delegation.h"

namespace berth::cgroups {

/// The leaf that they are moved to.
inline constexpr const char* kInitLeaf = "init";

/// Moves every process that lives in the cgroup directory `path` itself, the caller included, into
/// its leaf "init", as far as they may be moved. Fails with EBUSY if some stay: because they may
/// not, are outside of the caller's pid namespace, or fork faster than they are moved.
Result<void> MakeWay(const std::string& path, Inhabitants inhabitants);

}  // namespace berth::cgroups
