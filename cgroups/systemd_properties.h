// What cgroup settings are to systemd, for cgroups that it manages: systemd.resource-control(5).
#pragma once

#include <vector>

#include "cgroups/setting.h"
#include "systemd/unit_property.h"

namespace berth::cgroups {

/// The unit properties by which a systemd of that major version (systemd::ManagerVersion) sets the
/// same values, in their order; of several settings of one file the last counts, as it does for the
/// kernel. A unit with them keeps its limits through `systemctl daemon-reload`, which otherwise
/// writes systemd's own idea of every file that it knows: mostly no limit. Cgroups below a unit
/// with Delegate=yes it leaves alone, and memory.oom.group is to be set there: systemd has no
/// property for it that can be changed.
///
/// All settings are to be written to their files as well, after systemd has made the cgroup or
/// changed the properties: some have no property, CPU quotas are whole percents of a second to
/// systemd (they are rounded up), and when the kernel refuses a value systemd tells nobody. What
/// systemd would refuse (memory.max of 0, a list of processors that is none) has no property, so
/// that the kernel's answer counts.
std::vector<systemd::UnitProperty> SystemdProperties(const std::vector<Setting>& settings,
                                                     int version);

}  // namespace berth::cgroups
