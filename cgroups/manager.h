// Who makes the cgroups of a host.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "cgroups/hierarchy.h"

namespace berth::cgroups {

enum class Manager {
  kAuto,      // systemd where it runs the host and the hierarchy is unified, else ourselves
  kCgroupfs,  // we make directories
  kSystemd,   // systemd makes a scope, whose inside is ours
};

/// kCgroupfs or kSystemd. `systemd_runs` is systemd::Booted(). Fails if systemd is wished for where
/// it can't be had.
Result<Manager> ChooseManager(Manager wish, const Hierarchy& hierarchy, bool systemd_runs);

/// "auto", "cgroupfs", "systemd".
std::string_view Name(Manager manager);
std::optional<Manager> ParseManager(std::string_view name);

}  // namespace berth::cgroups
