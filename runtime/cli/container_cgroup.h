// A container's cgroup: made, found again, removed.
#pragma once

#include <sys/types.h>

#include <optional>

#include "base/pidfd.h"
#include "cgroups/cgroup.h"
#include "runtime/cli/command.h"
#include "runtime/cli/launcher.h"

namespace berth::runtime::cli {

/// Where the container's first process is to be born.
struct ContainerCgroup {
  std::optional<cgroups::Cgroup> home;  // absent: in the launcher's
  // systemd makes scopes of running processes only: this one holds the place until the container's
  // is there.
  pid_t placeholder = -1;
  // In its stead, where only who is there may start others there: makes the container.
  std::optional<Launcher> launcher;

  int fd() const { return home ? home->fd() : -1; }
};

/// The names that the container's cgroup will have; what makes it comes after they are written
/// down.
Result<CgroupRecord> PlanCgroup(const Globals& globals, const Spec& spec, const std::string& id);

/// With its limits and its filter of devices. Limits that the host can't enforce are told of in one
/// warning, or refused with --strict-limits. `make` is what a launcher does, if there has to be
/// one.
Result<ContainerCgroup> MakeCgroup(const Globals& globals, const Spec& spec,
                                   const CgroupRecord& plan,
                                   const std::function<Result<Created>()>& make);
/// Warns of limits that are not in force, or refuses with --strict-limits.
Result<void> TellUnenforced(const Globals& globals, const std::vector<std::string>& limits);
/// Once the container's first process is there, or is not going to be.
void DropPlaceholder(ContainerCgroup& cgroup);

/// The one with the limits; nothing if the container has none of its own.
Result<std::optional<cgroups::Cgroup>> OpenCgroup(const CgroupRecord& record);
/// Where another process is to be born: in the container's, or where the container's first process
/// has moved to if nobody can be in that any more, or `below` it (--cgroup); nothing if the
/// container has none of its own.
Result<std::optional<cgroups::Cgroup>> OpenCgroupForExec(const Record& record,
                                                         const std::string& below);
/// Ends all processes in it and removes it. One that is gone is no error.
Result<void> RemoveCgroup(const CgroupRecord& record);

}  // namespace berth::runtime::cli
