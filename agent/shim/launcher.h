// Launcher: a short-lived fork of the shim that makes one process in a container.
//
// It reads config.json, mounts the root, compiles filters: all that costs memory goes with it. The
// container's process is made with CLONE_PARENT, so it is the shim's own child, and dies with the
// shim.
#pragma once

#include <functional>

#include "agent/shim/control.h"
#include "agent/shim/plan.h"
#include "base/pidfd.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::shim {

/// Where the new process's output goes, borrowed for the call; -1 is /dev/null.
struct LaunchStdio {
  int in = -1;
  int out = -1;
  int err = -1;
  int console_socket = -1;  // gets the pty's master, if the process wants a terminal
};

/// A launcher at work.
struct Launch {
  pid_t pid = -1;   // of the launcher itself
  UniqueFd report;  // readable once it is done
};

/// Starts the container from its bundle.
Result<Launch> LaunchContainer(const TaskPlan& plan, const ContainerPlan& container,
                               const LaunchStdio& stdio);

/// Starts one more process in the running container whose init is `init`.
Result<Launch> LaunchExec(const TaskPlan& plan, const ContainerPlan& container, pid_t init,
                          const Request& request, const LaunchStdio& stdio);

/// After `launch.report` became readable: the pid of the new process, now our child, or why there
/// is none.
Result<pid_t> FinishLaunch(Launch launch);

}  // namespace berth::agent::shim
