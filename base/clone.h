// clone3(2) as a fork: the child returns from the call with a copy of everything.
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

/// 0 in the child, its pid in the parent. It ends with SIGCHLD to its parent.
/// The caller has no other threads, or the child does nothing but system calls and exec.
Result<pid_t> Clone(const CloneArgs& args);

}  // namespace berth::sys
