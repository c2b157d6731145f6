// Units that live as long as the processes in them: scopes, started and stopped over D-Bus.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "systemd/bus.h"
#include "systemd/unit_property.h"

namespace berth::systemd {

struct ScopeRequest {
  std::string name;                   // "berth-<task id>.scope"
  std::string slice = "berth.slice";  // dashes nest: a-b.slice is in a.slice. Made if missing.
  std::string description;            // what `systemctl status` shows
  std::vector<pid_t> pids;            // to be moved into the scope; at least one
  std::vector<UnitProperty> properties;
};

/// Makes a scope out of running processes and waits until systemd has moved them. The cgroup below
/// it is the caller's own (Delegate=yes), CPU, memory, I/O and tasks are accounted, and once empty
/// the unit goes, even if it failed. What `properties` does not limit is not limited: TasksMax is
/// infinity unless it is there. Answers the cgroup's path below the hierarchy's mount point:
/// "/berth.slice/berth-<task id>.scope".
///
/// A failed unit of the same name is cleared away first; a living one is an error (EEXIST).
Result<std::string> StartScope(Bus& bus, const ScopeRequest& request);

/// Ends a unit and all that is in it, and waits until that is done. A unit that does not exist is
/// no error, and one that failed is forgotten.
Result<void> StopUnit(Bus& bus, const std::string& name);

/// Lets the manager forget that a unit failed, and so the unit if nothing else holds it. One that
/// does not exist is no error.
Result<void> ResetFailed(Bus& bus, const std::string& name);

/// Changes properties of a unit until it ends or the host goes down (`systemctl set-property
/// --runtime`): all of them, or none if one is refused. Their values are in the cgroup's files when
/// it returns, unless the kernel refused them, of which systemd tells nobody.
Result<void> SetUnitProperties(Bus& bus, const std::string& name,
                               std::span<const UnitProperty> properties);

/// The cgroup of a scope, as StartScope answers it; ENOENT if the scope is not running.
Result<std::string> ScopeControlGroup(Bus& bus, const std::string& name);

}  // namespace berth::systemd
