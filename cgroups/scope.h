// A scope of systemd's whose inside is ours.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "cgroups/cgroup.h"
#include "systemd/instance.h"
#include "systemd/unit_property.h"

namespace berth::cgroups {

/// Whose scopes: the host's, or a user's.
using SystemdInstance = systemd::Instance;
using systemd::InstanceOfCaller;

struct ScopePlan {
  std::string slice;        // "berth.slice"
  std::string name;         // "berth-<task id>.scope"
  std::string description;  // what `systemctl status` shows
  Limits limits;
  std::string leaf;  // ".shim": where in the scope the process goes; empty: nowhere further
  std::vector<systemd::UnitProperty> properties = {};  // of the unit, beside its limits
  SystemdInstance instance = SystemdInstance::kHost;
};

/// Asks systemd for a scope around a process, which must be the caller's to move, and answers the
/// scope's cgroup. Limits that systemd knows are set as properties of the unit, so that they
/// survive a daemon-reload; the others are written beside it. The scope is delegated: if the
/// process moves on into a leaf, other leaves can be made beside that. A user's systemd has the
/// controllers that the host's has handed it; limits of others are among the scope's Unenforced().
Result<Cgroup> MakeScope(const Hierarchy& hierarchy, const ScopePlan& plan, pid_t process);

/// Tells systemd of limits that were changed: sets those of a scope's properties that it knows.
Result<void> UpdateScope(const std::string& name, const Limits& limits,
                         SystemdInstance instance = SystemdInstance::kHost);

/// Where in the hierarchy that systemd's units are: "" for the host's, for a user's such as
/// "user.slice/user-1000.slice/user@1000.service/".
Result<std::string> SystemdRoot(SystemdInstance instance);

}  // namespace berth::cgroups
