// clone3(2), for the two kinds of child: one that goes on here, and one that becomes another
// program.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/result.h"

namespace berth::sys {

/// What the child gets of its own and where it is born.
struct CloneArgs {
  uint64_t flags = 0;  // CLONE_NEW*, CLONE_PARENT, CLONE_VFORK: nothing that shares memory
  int cgroup_fd = -1;  // born in this cgroup directory (CLONE_INTO_CGROUP), never anywhere else
};

/// As fork(2): 0 in the child, which has a copy of everything, its pid in the parent. It ends with
/// SIGCHLD to its parent.
/// The caller has no other threads, or the child does nothing but system calls and exec.
Result<pid_t> Clone(const CloneArgs& args);

/// As vfork(2): the caller waits while the child does `work`, which ends in execve or _exit, in the
/// caller's memory. To copy that, only to let go of it at once, costs more than all else there is
/// to starting a program. What `work` changes is changed for the caller, descriptors and signal
/// handlers excepted.
Result<pid_t> CloneToExecute(const CloneArgs& args, void (*work)(const void*),
                             const void* argument);

}  // namespace berth::sys
