#include <unistd.h>

#include "agent/doctor/findings.h"
#include "agent/doctor/trial.h"
#include "base/clone.h"
#include "base/pidfd.h"
#include "base/text.h"
#include "cgroups/cgroup.h"
#include "cgroups/limits.h"

namespace berth::doctor {
namespace {

using cgroups::Cgroup;
using cgroups::Hierarchy;
using cgroups::HierarchyKind;

constexpr std::string_view kBootUnified =
    "boot with systemd.unified_cgroup_hierarchy=1 (without systemd: cgroup_no_v1=all, and mount "
    "cgroup2 on /sys/fs/cgroup)";

// A child born in a cgroup of its own has to end there.
Result<void> TryBirthInCgroup(const Cgroup& cgroup) {
  const pid_t pid = TRY(sys::Clone({.cgroup_fd = cgroup.fd()}));
  if (pid == 0) ::_exit(0);
  Pidfd child = TRY(Pidfd::Open(pid));
  TRY(child.Reap());
  return {};
}

Result<void> TryCgroup(const Hierarchy& hierarchy) {
  const Cgroup cgroup = TRY(Cgroup::Create(hierarchy, "berth-doctor-" + RandomHex(4)));
  auto born = TryBirthInCgroup(cgroup);
  auto removed = cgroup.Remove();
  return born ? std::move(removed) : std::move(born);
}

}  // namespace

Finding HierarchyFinding(const Hierarchy& hierarchy) {
  Finding finding = {.name = "cgroups", .found = std::string(Name(hierarchy.kind))};
  if (hierarchy.HasCgroup2()) finding.found += ", cgroup2 on " + hierarchy.mount_point;
  if (hierarchy.kind == HierarchyKind::kUnified) return finding;
  finding.state = hierarchy.HasCgroup2() ? State::kLimited : State::kMissing;
  finding.change = kBootUnified;
  return finding;
}

Finding LimitsFinding(const Hierarchy& hierarchy) {
  const auto missing =
      cgroups::Unenforceable(hierarchy, {.cpu = {.weight = 100, .max = cgroups::CpuMax{}},
                                         .memory = {.max = 0, .low = 0, .swap_max = 0},
                                         .pids = {.max = 0}});
  if (missing.empty()) return {.name = "cgroups.limits", .found = "cpu, memory and pids"};
  return {.name = "cgroups.limits",
          .state = State::kLimited,
          .found = "cannot be enforced: " + Join(missing, ", "),
          .change = std::string(kBootUnified)};
}

std::vector<Finding> CgroupFindings() {
  const auto hierarchy = cgroups::DetectHierarchy();
  if (!hierarchy) {
    return {{.name = "cgroups",
             .state = State::kMissing,
             .found = hierarchy.error().message(),
             .change = "mount proc on /proc"}};
  }
  const Verdict born = {.name = "cgroups.clone3",
                        .works = "processes can be born in their cgroup",
                        .without = State::kMissing,
                        .change = "run as root, with a writable cgroup2 file system"};
  return {HierarchyFinding(*hierarchy), LimitsFinding(*hierarchy),
          Judge(born, TryCgroup(*hierarchy))};
}

}  // namespace berth::doctor
