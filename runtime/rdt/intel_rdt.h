// The container's resctrl group (the kernel's filesystems/resctrl.rst).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "runtime/spec/intel_rdt.h"

namespace berth::runtime {

/// Fails unless closID is a name or "/" and each schema is what its field is for.
Result<void> CheckIntelRdt(const IntelRdt& config);

/// Where resctrl is mounted, by the text of a /proc/PID/mountinfo; fails if it is nowhere.
Result<std::string> FindResctrl(std::string_view mountinfo);

/// Puts process `pid` into the group of container `id` in the resctrl mounted at `resctrl`. A group
/// that is there already has to have the schemas l3CacheSchema and memBwSchema; one that is not is
/// made, unless closID names it and no schema says what it should be like. A failure undoes what
/// was made.
Result<void> JoinRdtGroup(const std::string& resctrl, const IntelRdt& config, const std::string& id,
                          pid_t pid);
/// The same on this host.
Result<void> JoinRdtGroup(const IntelRdt& config, const std::string& id, pid_t pid);

/// Writes the schemas of `changes`, l3CacheSchema and memBwSchema, to the group of a container with
/// `config`, whoever else is in it.
Result<void> UpdateRdtGroup(const std::string& resctrl, const IntelRdt& config,
                            const std::string& id, const IntelRdt& changes);
Result<void> UpdateRdtGroup(const IntelRdt& config, const std::string& id, const IntelRdt& changes);

/// Removes what JoinRdtGroup made for this container alone: the group if closID is empty, its
/// counters otherwise. What is gone already is no error.
Result<void> RemoveRdtGroup(const std::string& resctrl, const IntelRdt& config,
                            const std::string& id);
Result<void> RemoveRdtGroup(const IntelRdt& config, const std::string& id);

}  // namespace berth::runtime
