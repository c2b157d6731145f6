// Finding and ending the processes of a cgroup and of all below it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace berth::cgroups {

/// The processes in the cgroup directory `path` and below. Cgroups that go away meanwhile are
/// passed over.
Result<std::vector<pid_t>> ListProcesses(const std::string& path);

/// SIGKILL to all of them by cgroup.kill (Linux 5.14), or one by one where the kernel has none.
Result<void> KillAll(const std::string& path);

/// The slow way: freezes the cgroup so that it can't fork faster than it is killed, then signals
/// each process through a descriptor until nobody new turns up. Gives up after a number of rounds.
Result<void> KillOneByOne(const std::string& path);

}  // namespace berth::cgroups
