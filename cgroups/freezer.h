// Stopping all processes of a cgroup and of those below it, and letting them go on.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace berth::cgroups {

enum class FreezerState {
  kThawed,
  kFreezing,  // told to, and some process has not stopped yet
  kFrozen,    // by its own cgroup.freeze or by that of a cgroup above it
};

/// Of the cgroup directory `path`, from cgroup.freeze and cgroup.events.
Result<FreezerState> ReadFreezerState(const std::string& path);

/// Stops every process in the cgroup and below, and returns once all have stopped. If that takes
/// longer than `patience` or fails, they go on as before and the answer is an error: ETIMEDOUT;
/// ENODEV or ENOENT if the cgroup is gone; ENOTSUP before Linux 5.2. A frozen process can be
/// killed all the same. The caller must not live there: it would stop, too.
Result<void> Freeze(const std::string& path,
                    std::chrono::milliseconds patience = std::chrono::seconds(5));

/// Lets them go on, and returns once the first has. A cgroup that is gone is no error. Fails with
/// EBUSY if a cgroup above is frozen: then they go on with it.
Result<void> Thaw(const std::string& path,
                  std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace berth::cgroups
