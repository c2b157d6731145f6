#include "runtime/cli/container_cgroup.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clone.h"
#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroups/devices/filter.h"
#include "cgroups/remove_scope.h"
#include "cgroups/scope.h"
#include "runtime/resources/limits.h"
#include "runtime/resources/place.h"

namespace berth::runtime::cli {
namespace {

// One command does its work in one place.
Result<cgroups::Hierarchy> HostsHierarchy() {
  static const Result<cgroups::Hierarchy> found = cgroups::DetectHierarchy();
  return found;
}

// Who names files of version 2 means these and no others (config-linux.md, "Unified").
Result<void> CheckUnified(const cgroups::Hierarchy& hierarchy, const Resources& resources) {
  cgroups::Limits limits;
  limits.unified = {resources.unified.begin(), resources.unified.end()};
  const auto missing = cgroups::Unenforceable(hierarchy, limits);
  if (missing.empty()) return {};
  return MakeError("linux.resources.unified: this host has no controllers for {}",
                   Join(missing, ", "));
}

// Where the kernel or our rights don't allow filters, a container can't make device nodes either,
// as it lacks CAP_MKNOD in the first user namespace, or is as free as its launcher.
Result<void> FilterDevices(const cgroups::Cgroup& cgroup, const Resources& resources) {
  auto filtered = cgroups::SetDeviceFilter(cgroup.fd(), DeviceRulesOf(resources));
  if (filtered) return {};
  if (!filtered.error().Is(EPERM) && !filtered.error().Is(EINVAL)) return filtered;
  const std::string& why = filtered.error().message();
  if (cgroups::InstanceOfCaller() == cgroups::SystemdInstance::kUser) {
    log::Debug("devices are not filtered: {}", why);  // as for every user
  } else {
    log::Warning("devices are not filtered: {}", why);
  }
  return {};
}

// A child that does nothing until it is killed, and ends with its parent.
Result<pid_t> MakePlaceholder() {
  const pid_t parent = ::getpid();
  const pid_t pid = TRY(sys::Clone({}));
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  while (::getppid() == parent) ::pause();
  ::_exit(0);
}

Result<void> MakeScopeAround(ContainerCgroup& cgroup, const Globals& globals,
                             const cgroups::Hierarchy& hierarchy, const CgroupRecord& plan,
                             const cgroups::ScopePlan& scope,
                             const std::function<Result<Created>()>& make) {
  if (scope.instance == cgroups::SystemdInstance::kUser) {
    cgroup.launcher.emplace(TRY(Launcher::Fork(make)));
  } else {
    cgroup.placeholder = TRY(MakePlaceholder());
  }
  const pid_t process = cgroup.launcher ? cgroup.launcher->pid() : cgroup.placeholder;
  const auto made = TRY(globals.systemd->make_scope(hierarchy, scope, process));
  TRY(TellUnenforced(globals, made.Unenforced()));
  cgroup.home = TRY(cgroups::Cgroup::Open(
      hierarchy, scope.leaf.empty() ? plan.name : plan.name + "/" + scope.leaf));
  return {};
}

cgroups::Manager ManagerOf(const Globals& globals) {
  return globals.cgroup_manager == CgroupManager::kSystemd ? cgroups::Manager::kSystemd
                                                           : cgroups::Manager::kCgroupfs;
}

// "a-b.slice" is in "a.slice" (systemd.slice(5)); "-.slice" is the root of all.
std::string PathOfSlice(const std::string& slice) {
  std::string path;
  const std::string name = slice.substr(0, slice.size() - std::string_view(".slice").size());
  for (size_t dash = name.find('-'); name != "-"; dash = name.find('-', dash + 1)) {
    path += name.substr(0, dash) + ".slice/";
    if (dash == std::string::npos) break;
  }
  return path;
}

Result<CgroupPlace> FindPlace(const Globals& globals, const Spec& spec, const std::string& id) {
  const bool users = cgroups::InstanceOfCaller() == cgroups::SystemdInstance::kUser;
  return PlaceOf({.cgroups_path = spec.linux_.cgroupsPath,
                  .id = id,
                  .manager = ManagerOf(globals),
                  .default_slice = users ? "user.slice" : "system.slice"});
}

// Then no process may be in it (cgroup-v2.rst, "No Internal Process Constraint"): the container
// manages cgroups itself, as systemd does, and has moved its processes down.
Result<bool> HandsOnControllers(const cgroups::Cgroup& cgroup) {
  return !Trim(TRY(ReadFileAt(cgroup.fd(), "cgroup.subtree_control"))).empty();
}

Result<cgroups::Cgroup> OpenCgroupOf(pid_t pid) {
  const auto hierarchy =
      TRY(cgroups::DetectHierarchy({.self_cgroup = fmt::format("/proc/{}/cgroup", pid)}));
  return cgroups::Cgroup::Open(hierarchy, hierarchy.own_path.substr(1));
}

}  // namespace

Result<CgroupRecord> PlanCgroup(const Globals& globals, const Spec& spec, const std::string& id) {
  if (globals.cgroup_manager == CgroupManager::kDisabled) return CgroupRecord();
  const CgroupPlace place = TRY(FindPlace(globals, spec, id));
  const cgroups::Hierarchy hierarchy = TRY(HostsHierarchy());
  TRY(CheckUnified(hierarchy, spec.linux_.resources));
  // A user to whom nothing was delegated can make none, and can do without if there are no limits.
  if (!hierarchy.HasCgroup2() || (place.scope.empty() && !hierarchy.writable)) {
    TRY(TellUnenforced(globals, Unenforceable({}, TRY(LimitsOf(spec.linux_.resources)))));
    return CgroupRecord();
  }
  CgroupRecord record = {.name = hierarchy.NameOf(place.name)};
  if (!place.scope.empty()) {
    record.name = TRY(globals.systemd->systemd_root(cgroups::InstanceOfCaller())) +
                  PathOfSlice(place.slice) + place.scope;
    record.scope = place.scope;
  }
  record.path = hierarchy.mount_point + "/" + record.name;
  return record;
}

Result<ContainerCgroup> MakeCgroup(const Globals& globals, const Spec& spec,
                                   const CgroupRecord& plan,
                                   const std::function<Result<Created>()>& make) {
  ContainerCgroup cgroup;
  if (plan.name.empty()) return cgroup;
  const Resources& resources = spec.linux_.resources;
  const cgroups::Hierarchy hierarchy = TRY(HostsHierarchy());
  const cgroups::Limits limits = TRY(LimitsOf(resources));
  if (plan.scope.empty()) {
    cgroup.home = TRY(cgroups::Cgroup::Create(hierarchy, plan.name, limits));
    TRY(TellUnenforced(globals, cgroup.home->Unenforced()));
  } else {
    const CgroupPlace place = TRY(FindPlace(globals, spec, ""));
    auto made = MakeScopeAround(cgroup, globals, hierarchy, plan,
                                {.slice = place.slice,
                                 .name = plan.scope,
                                 .description = "container " + plan.scope,
                                 .limits = limits,
                                 .leaf = spec.extensions.systemd_subgroup.value_or(""),
                                 .properties = spec.extensions.unit_properties,
                                 .instance = cgroups::InstanceOfCaller()},
                                make);
    if (!made) DropPlaceholder(cgroup);
    TRY(std::move(made));
  }
  auto filtered = FilterDevices(*cgroup.home, resources);
  if (!filtered) DropPlaceholder(cgroup);
  TRY(std::move(filtered));
  return cgroup;
}

Result<void> TellUnenforced(const Globals& globals, const std::vector<std::string>& limits) {
  if (limits.empty()) return {};
  const std::string what = fmt::format("there are no controllers here for {}", Join(limits, ", "));
  if (globals.strict_limits) return MakeError("linux.resources: {}", what);
  log::Warning("limits are not in force: {}", what);
  return {};
}

void DropPlaceholder(ContainerCgroup& cgroup) {
  cgroup.launcher.reset();
  if (cgroup.placeholder < 0) return;
  ::kill(cgroup.placeholder, SIGKILL);
  ::waitpid(cgroup.placeholder, nullptr, 0);
  cgroup.placeholder = -1;
}

Result<std::optional<cgroups::Cgroup>> OpenCgroup(const CgroupRecord& record) {
  if (record.name.empty()) return std::optional<cgroups::Cgroup>();
  auto cgroup = cgroups::Cgroup::Open(TRY(HostsHierarchy()), record.name);
  if (!cgroup && cgroup.error().Is(ENOENT)) return std::optional<cgroups::Cgroup>();
  return std::optional(TRY(std::move(cgroup)));
}

Result<std::optional<cgroups::Cgroup>> OpenCgroupForExec(const Record& record,
                                                         const std::string& below) {
  CgroupRecord place = record.cgroup;
  if (!below.empty() && below != "/") place.name += (below[0] == '/' ? "" : "/") + below;
  auto cgroup = TRY(OpenCgroup(place));
  if (!cgroup && !below.empty()) return MakeError("--cgroup {}: there is no such cgroup", below);
  if (!cgroup || !below.empty() || !TRY(HandsOnControllers(*cgroup))) return cgroup;
  return TRY(OpenCgroupOf(record.pid));
}

Result<void> RemoveCgroup(const CgroupRecord& record) {
  if (record.name.empty()) return {};
  const cgroups::Hierarchy hierarchy = TRY(HostsHierarchy());
  return record.scope.empty() ? cgroups::RemoveTree(hierarchy, record.name)
                              : cgroups::RemoveScope(hierarchy, record.name);
}

}  // namespace berth::runtime::cli
