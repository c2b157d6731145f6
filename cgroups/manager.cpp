#include "cgroups/manager.h"

namespace berth::cgroups {
namespace {

constexpr Manager kManagers[] = {Manager::kAuto, Manager::kCgroupfs, Manager::kSystemd};

}  // namespace

Result<Manager> ChooseManager(Manager wish, const Hierarchy& hierarchy, bool systemd_runs) {
  // On hybrid hosts systemd keeps its units in version 1 hierarchies as well: nothing to gain
  // there.
  const bool can = systemd_runs && hierarchy.kind == HierarchyKind::kUnified;
  if (wish == Manager::kAuto) return can ? Manager::kSystemd : Manager::kCgroupfs;
  if (wish == Manager::kCgroupfs || can) return wish;
  if (!systemd_runs) return MakeError("systemd can't make cgroups: it does not run this host");
  return MakeError("systemd can't make cgroups for tasks: the hierarchy is {}, not unified",
                   Name(hierarchy.kind));
}

std::string_view Name(Manager manager) {
  switch (manager) {
    case Manager::kAuto:
      return "auto";
    case Manager::kCgroupfs:
      return "cgroupfs";
    case Manager::kSystemd:
      return "systemd";
  }
  return "";
}

std::optional<Manager> ParseManager(std::string_view name) {
  for (const Manager manager : kManagers) {
    if (Name(manager) == name) return manager;
  }
  return std::nullopt;
}

}  // namespace berth::cgroups
