// What a command of berth-runtime is, and what all of them share.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "cgroups/scope.h"
#include "runtime/cli/arguments.h"
#include "runtime/state/state_dir.h"

namespace berth::runtime::cli {

enum class CgroupManager { kCgroupfs, kSystemd, kDisabled };

/// What is asked of systemd, in programs that can.
struct SystemdCalls {
  Result<cgroups::Cgroup> (*make_scope)(const cgroups::Hierarchy&, const cgroups::ScopePlan&,
                                        pid_t);
  Result<void> (*update_scope)(const std::string& scope, const cgroups::Limits&,
                               cgroups::SystemdInstance);
  Result<std::string> (*systemd_root)(cgroups::SystemdInstance);
};

/// The options before the command.
struct Globals {
  const SystemdCalls* systemd = nullptr;
  std::string root;  // where containers are written down
  CgroupManager cgroup_manager = CgroupManager::kCgroupfs;
  bool strict_limits = false;  // refuse what the host can't enforce
};

/// A row of the table of commands. The first word of each but `list`, `spec` and `features` is a
/// container's id.
struct Command {
  const char* name;
  const char* words;  // as in its usage line: "CONTAINER-ID [SIGNAL]"
  const char* help;
  std::span<const Option> options;
  Order order;
  size_t least_words;
  size_t most_words;
  /// Answers the exit status.
  Result<int> (*run)(const Globals&, const Arguments&);
};

/// A file a command, which defines what is of its name here.
extern const Command kCheckpoint, kCreate, kDelete, kEvents, kExec, kFeatures, kKill, kList,
    kMounts, kPause, kPs, kRestore, kResume, kRun, kSpec, kStart, kState, kUpdate;

inline constexpr size_t kAnyNumber = SIZE_MAX;

/// A container that exists, and what is known of it.
struct Container {
  StateDir dir;
  Record record;
  ContainerState state;
  UniqueFd start;  // leads to its process, if this one alone can start it
};
/// Fails with ENOENT if there is none of that name or it has not been created yet.
Result<Container> FindContainer(const Globals& globals, const std::string& id);
/// The same, for a command that changes it: nobody else does meanwhile.
Result<Container> LockContainer(const Globals& globals, const std::string& id);

}  // namespace berth::runtime::cli
