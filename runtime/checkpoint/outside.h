// What of a container is not its own but the host's: CRIU leaves it out of the images under a name,
// and is told under that name what takes its place when the container is restored.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/checkpoint/criu_messages.h"
#include "runtime/container.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

// --- Mounts: a bind mount is known by its destination, what hides a file as "/dev/null" ---

/// Where the host's mounts are in the running container (CRIU's key), and their names (val).
Result<std::vector<CriuPair>> MountsOutside(const Spec& spec, pid_t pid);
/// Their names (key), and what is mounted there when it is restored (val).
Result<std::vector<CriuPair>> MountsToRestore(const Spec& spec, const std::string& bundle);

// --- Namespaces that the container has joined ---

/// Those that CRIU leaves alone: network and pid, by the file that `spec` names. The others are
/// saved as if they were the container's.
Result<std::vector<std::string>> NamespacesOutside(const Spec& spec);

/// Descriptors that CRIU has to inherit, by the names it knows them by.
struct Inherited {
  std::vector<UniqueFd> fds;
  std::vector<CriuInheritedFd> names;
  std::vector<CriuPair> join;  // joined by path: ipc, uts and time namespaces

  void Add(std::string key, UniqueFd fd);
  std::vector<int> numbers() const;
};
/// Fails for types that CRIU can't restore a container into: mount, cgroup and user namespaces.
Result<void> AddNamespacesToRestore(const Spec& spec, Inherited& inherited);

// --- Standard streams ---

/// Where the caller's lead to, as proc(5) has it: "pipe:[1234]", "/var/log/x".
Result<std::vector<std::string>> DescribeStreams(const Stdio& stdio);
/// The names of those of `streams` that the first process still has and that are files of the
/// host: "file[1f:2a3b]", mount and inode. The names take their places in `streams`.
Result<std::vector<std::string>> StreamsOutside(std::vector<std::string>& streams, pid_t pid);
/// The caller's for those that were a pipe or a file of the host's.
Result<void> AddStreamsToRestore(const std::vector<std::string>& streams, const Stdio& stdio,
                                 Inherited& inherited);

}  // namespace berth::runtime
