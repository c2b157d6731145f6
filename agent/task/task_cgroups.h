// The cgroups of a task: one with the task's limits, and in it one for each container, with the
// container's limits and devices, and one for the shim.
//
//   cgroupfs   berth/<id>/                      <container>, .shim
//   systemd    berth.slice/berth-<id>.scope/    <container>, .shim
//
// That of cgroupfs is in the part of the tree that is ours: all of it on a host of ours.
//
// No process of a container runs outside its own, not even for a moment: it is born there
// (CLONE_INTO_CGROUP). The shim is: systemd makes scopes of running processes only.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "agent/state/state.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroups/devices/rules.h"
#include "cgroups/hierarchy.h"
#include "cgroups/limits.h"
#include "cgroups/manager.h"

namespace berth::agent {

struct ContainerCgroup {
  std::string container;
  cgroups::Limits limits;
  std::optional<std::vector<cgroups::DeviceRule>> devices;  // absent: the host can't filter them
};

struct TaskCgroups {
  cgroups::Manager manager = cgroups::Manager::kCgroupfs;  // never kAuto
  std::string task_id;
  std::string task_name;
  cgroups::Limits limits;
  std::vector<ContainerCgroup> containers;

  /// Of the task's own, below the hierarchy's mount point.
  std::string Name(const cgroups::Hierarchy& hierarchy) const;
};

/// With cgroupfs: makes all of them. Answers the shim's, for it to be born in.
Result<UniqueFd> MakeTaskCgroups(const cgroups::Hierarchy& hierarchy, const TaskCgroups& task);

/// With systemd: a scope around the shim, and the containers' in it.
Result<void> MakeTaskScope(const cgroups::Hierarchy& hierarchy, const TaskCgroups& task,
                           pid_t shim);

/// The name of a task's own cgroup, whoever made it; "" if there is none.
std::string FindTaskCgroup(const cgroups::Hierarchy& hierarchy, const std::string& task_id);

enum class Inside { kNo, kYes };

/// Ends whoever is left in the task's cgroups and removes them. A caller that lives in the shim's
/// can't remove that: with cgroupfs it moves out, with systemd the rest goes when it ends.
Result<void> RemoveTaskCgroups(const cgroups::Hierarchy& hierarchy, const std::string& task_id,
                               Inside caller);

/// Those of every task.
Result<void> RemoveAllTaskCgroups(const cgroups::Hierarchy& hierarchy);

}  // namespace berth::agent
