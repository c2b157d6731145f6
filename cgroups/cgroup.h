// Cgroup: one directory of the cgroup2 file system, and the processes in it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroups/hierarchy.h"
#include "cgroups/limits.h"

namespace berth::cgroups {

/// What an update does with a memory limit below what is in use: the kernel would reclaim, and end
/// processes if that is not enough.
enum class BelowUsage { kApply, kRefuse };

/// A handle on a cgroup. It does not own it: what was made stays until `Remove`.
///
/// Names are paths below the hierarchy's mount point, such as "berth/<task>/<container>". One that
/// is absolute, has an empty part, "." or ".." is refused. Processes live in the leaves only (the
/// kernel's rule for cgroups with controllers): a task's shim has a leaf beside its containers'.
class Cgroup {
 public:
  /// Makes the cgroup and what is missing above it, with the needed controllers enabled all the way
  /// down, and sets the limits, all before any process can be in it. An existing cgroup is taken
  /// over if nobody lives in it (EBUSY otherwise). Fails with ENOTSUP if there is no cgroup2.
  static Result<Cgroup> Create(const Hierarchy& hierarchy, const std::string& name,
                               const Limits& limits = {});
  /// One that exists; ENOENT if it doesn't.
  static Result<Cgroup> Open(const Hierarchy& hierarchy, const std::string& name);

  /// The directory, for CLONE_INTO_CGROUP (CloneArgs::cgroup_fd, Command::cgroup_fd).
  int fd() const { return dir_.get(); }
  /// Its absolute path.
  const std::string& path() const { return path_; }
  /// Sets limits while it is in use; those that are absent stay as they are. Fails with EBUSY, and
  /// changes nothing, if it was to refuse a memory limit below what is in use (OCI's
  /// checkBeforeUpdate). The controllers are those that were enabled at its creation.
  Result<void> Update(const Limits& limits, BelowUsage below_usage = BelowUsage::kApply);
  /// Of the limits last given, those that are not in force because the host lacks the
  /// controller, by the kernel's file names.
  const std::vector<std::string>& Unenforced() const { return unenforced_; }

  /// Whether any process lives here or below (cgroup.events).
  Result<bool> Populated() const;
  /// How many processes here or below the kernel's OOM killer has ended (memory.events); 0 without
  /// the memory controller.
  Result<uint64_t> OomKills() const;
  /// The names of the cgroups directly below.
  Result<std::vector<std::string>> Children() const;
  /// The processes here and below, as this pid namespace numbers them.
  Result<std::vector<pid_t>> Processes() const;

  /// SIGKILL to every process here and below, those being forked included. Returns once they are
  /// doomed, which is before they are gone: see `Remove`.
  Result<void> Kill() const;
  /// Removes it and all below it, waiting up to `patience` for dying processes to leave. A failure
  /// names who still lives there.
  Result<void> Remove(std::chrono::milliseconds patience = std::chrono::seconds(5)) const;

 private:
  Cgroup(UniqueFd dir, std::string path) : dir_(std::move(dir)), path_(std::move(path)) {}

  UniqueFd dir_;
  std::string path_;
  std::vector<std::string> unenforced_;
};

/// For recovery: kills everything in the cgroup of that name and removes it. One that does not
/// exist is no error.
Result<void> RemoveTree(const Hierarchy& hierarchy, const std::string& name);

}  // namespace berth::cgroups
