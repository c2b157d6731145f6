// Taking down a scope's cgroup, without asking systemd.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "cgroups/hierarchy.h"

namespace berth::cgroups {

/// Kills everything in a scope's cgroup (MakeScope) and removes what is below it. The cgroup itself
/// is left to systemd, which learns from it that the scope is empty: of one that is removed under
/// its eyes it hears nothing, and the unit would be there for good. Returns once it is gone; after
/// `patience` it is removed all the same. One that does not exist is no error.
Result<void> RemoveScope(const Hierarchy& hierarchy, const std::string& name,
                         std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace berth::cgroups
