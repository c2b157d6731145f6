// Mounts that come to a running container, and go again.
//
//   launcher                                   visitor, in the container's namespaces
//   --------                                   --------------------------------------
//   sources: opened with the host's rights,
//   before anything of the container is seen
//   clone -------------------------------->    makes, or takes away, each mount by descriptor
//   mount ids, or the reason <-------------    ends
//
// The container's programs run meanwhile, and change the names that lead to a place as they like.
// They can lead a mount to another place of theirs, never out of their root or into procfs. What is
// taken away is the mount of that number, wherever it is found, so that they can't have a mask of
// theirs taken away in its stead.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// A mount that was added: its number is never another one's (statx(2), STATX_MNT_ID_UNIQUE; before
/// Linux 6.8 not while it is there).
struct AddedMount {
  std::string destination;
  uint64_t id = 0;
  bool operator==(const AddedMount&) const = default;
};

/// A container with a mount namespace of its own. The pidfd of its first process is borrowed.
struct RunningContainer {
  int pidfd = -1;
  pid_t pid = -1;
  const Spec* spec = nullptr;
  std::string bundle;  // where relative sources start from
};

/// Fails unless `mounts` can be had in a running container: bind mounts, and new tmpfs.
Result<void> CheckLiveMounts(const Linux& config, const std::vector<Mount>& mounts);

/// Makes them, in order: all, or none.
Result<std::vector<AddedMount>> AddMounts(const RunningContainer& container,
                                          const std::vector<Mount>& mounts);
/// Takes them away, with all that is mounted below them. Fails, before anything is taken away, if
/// one is not to be found at its destination.
Result<void> RemoveMounts(const RunningContainer& container, const std::vector<AddedMount>& mounts);

}  // namespace berth::runtime
