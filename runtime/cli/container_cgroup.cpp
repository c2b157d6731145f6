#include "runtime/cli/container_cgroup.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clone.h"
#include "base/log.h"
#include "base/text.h"
#include "cgroups/devices/filter.h"
#include "cgroups/scope.h"

namespace berth::runtime::cli {

Result<CgroupRecord> PlanCgroup(const Globals& globals, const Spec& spec, const std::string& id) {
  static_cast<void>(spec);
  if (globals.cgroup_manager == CgroupManager::kDisabled) return CgroupRecord();
  const cgroups::Hierarchy hierarchy = TRY(cgroups::DetectHierarchy());
  if (!hierarchy.HasCgroup2()) return CgroupRecord();
  CgroupRecord record;
  record.name = "berth-runtime/" + id;
  record.path = hierarchy.mount_point + "/" + record.name;
  return record;
}

Result<ContainerCgroup> MakeCgroup(const Globals&, const Spec&, const CgroupRecord& plan) {
  ContainerCgroup cgroup;
  if (plan.name.empty()) return cgroup;
  cgroup.home = TRY(cgroups::Cgroup::Create(TRY(cgroups::DetectHierarchy()), plan.name));
  return cgroup;
}

void DropPlaceholder(ContainerCgroup& cgroup) {
  if (cgroup.placeholder < 0) return;
  ::kill(cgroup.placeholder, SIGKILL);
  ::waitpid(cgroup.placeholder, nullptr, 0);
  cgroup.placeholder = -1;
}

Result<std::optional<cgroups::Cgroup>> OpenCgroup(const CgroupRecord& record) {
  if (record.name.empty()) return std::optional<cgroups::Cgroup>();
  auto cgroup = cgroups::Cgroup::Open(TRY(cgroups::DetectHierarchy()), record.name);
  if (!cgroup && cgroup.error().Is(ENOENT)) return std::optional<cgroups::Cgroup>();
  return std::optional(TRY(std::move(cgroup)));
}

Result<std::optional<cgroups::Cgroup>> OpenCgroupForExec(const CgroupRecord& record,
                                                         const std::string& below) {
  CgroupRecord place = record;
  for (const std::string& part : {record.leaf, std::string(Trim(below))}) {
    if (!part.empty() && part != "/") place.name += (part[0] == '/' ? "" : "/") + part;
  }
  auto cgroup = TRY(OpenCgroup(place));
  if (!cgroup && !below.empty()) return MakeError("--cgroup {}: there is no such cgroup", below);
  return cgroup;
}

Result<void> RemoveCgroup(const CgroupRecord& record) {
  if (record.name.empty()) return {};
  return cgroups::RemoveTree(TRY(cgroups::DetectHierarchy()), record.name);
}

}  // namespace berth::runtime::cli
