#include "agent/task/task_cgroups.h"

#include "base/files.h"
#include "base/sys.h"
#include "cgroups/cgroup.h"
#include "cgroups/devices/filter.h"
#include "cgroups/remove_scope.h"
#include "cgroups/scope.h"

namespace berth::agent {
namespace {

using cgroups::Cgroup;
using cgroups::Hierarchy;
using cgroups::Manager;

constexpr const char* kTop = "berth";
constexpr const char* kSlice = "berth.slice";
constexpr const char* kShim = ".shim";
// Where finishers go to remove the cgroup that they were born in. No task has such an id.
constexpr const char* kFinishers = "berth/.finishers";

std::string ScopeName(const std::string& task_id) { return fmt::format("berth-{}.scope", task_id); }

std::string CgroupName(const Hierarchy& hierarchy, Manager manager, const std::string& task_id) {
  if (manager == Manager::kSystemd) return fmt::format("{}/{}", kSlice, ScopeName(task_id));
  return hierarchy.NameOf(fmt::format("{}/{}", kTop, task_id));
}

Result<void> MakeContainerCgroups(const Hierarchy& hierarchy, const TaskCgroups& task) {
  for (const ContainerCgroup& container : task.containers) {
    const std::string name = task.Name(hierarchy) + "/" + container.container;
    const Cgroup cgroup = TRY(Cgroup::Create(hierarchy, name, container.limits));
    if (!container.devices) continue;
    TRY(cgroups::SetDeviceFilter(cgroup.fd(), *container.devices)
            .Context("devices of {}", container.container));
  }
  return {};
}

// A cgroup can't be removed from within, and whatever is in there is killed first.
Result<void> JoinFinishers(const Hierarchy& hierarchy) {
  const std::string name = hierarchy.NameOf(kFinishers);
  const auto made = Cgroup::Create(hierarchy, name);
  if (!made && !made.error().Is(EBUSY)) return made.error();  // busy: others are finishing, too
  const auto cgroup = TRY(Cgroup::Open(hierarchy, name));
  return WriteControlFile(cgroup.fd(), "cgroup.procs", "0").Context("{}", cgroup.path());
}

// All but the shim's.
Result<void> RemoveContainerCgroups(const Hierarchy& hierarchy, const std::string& name) {
  const auto scope = Cgroup::Open(hierarchy, name);
  if (!scope) return scope.error().Is(ENOENT) ? Result<void>() : scope.error();
  for (const std::string& child : TRY(scope->Children())) {
    if (child != kShim) TRY(cgroups::RemoveTree(hierarchy, name + "/" + child));
  }
  return {};
}

}  // namespace

std::string TaskCgroups::Name(const Hierarchy& hierarchy) const {
  return CgroupName(hierarchy, manager, task_id);
}

Result<UniqueFd> MakeTaskCgroups(const Hierarchy& hierarchy, const TaskCgroups& task) {
  const std::string name = task.Name(hierarchy);
  TRY(Cgroup::Create(hierarchy, name, task.limits));
  TRY(MakeContainerCgroups(hierarchy, task));
  const Cgroup shim = TRY(Cgroup::Create(hierarchy, name + "/" + kShim));
  return sys::Dup(shim.fd());
}

Result<void> MakeTaskScope(const Hierarchy& hierarchy, const TaskCgroups& task, pid_t shim) {
  const cgroups::ScopePlan plan = {.slice = kSlice,
                                   .name = ScopeName(task.task_id),
                                   .description = fmt::format("Berth task {}", task.task_name),
                                   .limits = task.limits,
                                   .leaf = kShim};
  TRY(cgroups::MakeScope(hierarchy, plan, shim));
  return MakeContainerCgroups(hierarchy, task);
}

std::string FindTaskCgroup(const Hierarchy& hierarchy, const std::string& task_id) {
  if (!hierarchy.HasCgroup2()) return "";
  for (const Manager manager : {Manager::kCgroupfs, Manager::kSystemd}) {
    std::string name = CgroupName(hierarchy, manager, task_id);
    if (Exists(hierarchy.mount_point + "/" + name)) return name;
  }
  return "";
}

Result<void> RemoveTaskCgroups(const Hierarchy& hierarchy, const std::string& task_id,
                               Inside caller) {
  const std::string name = FindTaskCgroup(hierarchy, task_id);
  if (name.empty()) return {};
  if (name == CgroupName(hierarchy, Manager::kSystemd, task_id)) {
    return caller == Inside::kNo ? cgroups::RemoveScope(hierarchy, name)
                                 : RemoveContainerCgroups(hierarchy, name);
  }
  if (caller == Inside::kNo) return cgroups::RemoveTree(hierarchy, name);
  TRY(JoinFinishers(hierarchy));
  return cgroups::RemoveTree(hierarchy, name);
}

Result<void> RemoveAllTaskCgroups(const Hierarchy& hierarchy) {
  if (!hierarchy.HasCgroup2()) return {};
  TRY(cgroups::RemoveTree(hierarchy, hierarchy.NameOf(kTop)));
  const auto slice = Cgroup::Open(hierarchy, kSlice);
  if (!slice) return slice.error().Is(ENOENT) ? Result<void>() : slice.error();
  for (const std::string& scope : TRY(slice->Children())) {
    TRY(cgroups::RemoveScope(hierarchy, fmt::format("{}/{}", kSlice, scope)));
  }
  return {};
}

}  // namespace berth::agent
