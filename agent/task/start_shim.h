// Starting a task's shim and handing the task over to it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/state/state.h"
#include "base/result.h"

namespace berth::agent {

struct ShimStart {
  std::string plan;       // path
  std::vector<int> keep;  // namespaces and held ports, under the same numbers in the shim
  int cgroup_fd = -1;     // the task's leaf for it
  std::string log;        // path of a file for what it complains about
};

/// Starts berth-shim in a session of its own and waits until it is ready. `adopt` then writes down
/// who it is; only after that the shim is told to start the task. If anything fails, or this
/// process dies before, the shim ends without having started anything.
Result<void> StartShim(const ShimStart& start,
                       const std::function<Result<void>(ProcessIdentity)>& adopt);

/// A program of ours, beside the running one: "berth-shim", "berth", "berth-init".
Result<std::string> OwnProgram(const std::string& name);

}  // namespace berth::agent
