#include "base/clone.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace berth::sys {

Result<pid_t> Clone(const CloneArgs& args) {
  clone_args raw = {};
  raw.flags = args.flags;
  // With CLONE_PARENT the signal is the caller's own, and the kernel refuses another.
  raw.exit_signal = (args.flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD;
  if (args.cgroup_fd >= 0) {
    raw.flags |= CLONE_INTO_CGROUP;
    raw.cgroup = static_cast<uint64_t>(args.cgroup_fd);
  }
  const long pid = ::syscall(SYS_clone3, &raw, sizeof raw);
  if (pid < 0) return ErrnoError("clone3");
  return static_cast<pid_t>(pid);
}

}  // namespace berth::sys
