// One thin function per system call: close-on-exec by default, EINTR handled, failures as Result.
// Arguments that name a place come as a directory descriptor first and a path second.
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::sys {

/// open(2) with O_CLOEXEC; `path` is relative to `dir` (AT_FDCWD: the working directory).
Result<UniqueFd> OpenAt(int dir, const std::string& path, int flags, mode_t mode = 0);
Result<UniqueFd> Open(const std::string& path, int flags, mode_t mode = 0);

/// openat2(2): `resolve` is a set of RESOLVE_* flags. O_CLOEXEC is added.
Result<UniqueFd> OpenAt2(int dir, const std::string& path, uint64_t flags, uint64_t resolve,
                         mode_t mode = 0);

/// readlink(2): where the symbolic link leads.
Result<std::string> ReadLink(const std::string& path);
/// The path of what a descriptor is of, without links, as /proc/self/fd tells it; for pipes and
/// sockets "pipe:[1234]".
Result<std::string> PathOf(int fd);

Result<UniqueFd> Dup(int fd);
Result<std::pair<UniqueFd, UniqueFd>> Pipe(int flags = 0);
/// A connected pair of AF_UNIX sockets of `type` (SOCK_STREAM, SOCK_SEQPACKET, ...).
Result<std::pair<UniqueFd, UniqueFd>> SocketPair(int type);

/// Reads up to `buffer.size()` bytes; 0 at the end of the file.
Result<size_t> Read(int fd, std::span<char> buffer);
/// Writes all of `data`.
Result<void> WriteAll(int fd, std::string_view data);

Result<void> MkdirAt(int dir, const std::string& path, mode_t mode);
/// Makes `path` and what is missing above it; an existing directory is no error.
Result<void> MakeDirectories(const std::string& path, mode_t mode);
Result<void> Rename(const std::string& from, const std::string& to);
/// Removes a file; one that is not there is no error.
Result<void> Unlink(const std::string& path);
/// Removes a directory and all below it without following links or crossing into other file
/// systems; one that is not there is no error.
Result<void> RemoveTree(const std::string& path);

Result<void> Unshare(int flags);
Result<void> Setns(int fd, int nstype);

/// mount(2), for what the descriptor-based calls below can't say.
Result<void> Mount(const std::string& source, const std::string& target, const char* type,
                   unsigned long flags, const std::string& data);
/// fsopen(2), then fsconfig(2) and fsmount(2): see runtime/ and agent/ for their use.
Result<UniqueFd> FsOpen(const char* type);
Result<void> FsConfigString(int fs, const char* key, const std::string& value);
Result<void> FsConfigFlag(int fs, const char* key);
Result<void> FsConfigFd(int fs, const char* key, int fd);
Result<void> FsConfigCreate(int fs);
/// `attributes` is a set of MOUNT_ATTR_*; the answer is a detached mount.
Result<UniqueFd> FsMount(int fs, uint64_t attributes);
/// open_tree(2); add OPEN_TREE_CLONE (and AT_RECURSIVE) for a detached bind mount.
Result<UniqueFd> OpenTree(int dir, const std::string& path, unsigned flags);
/// move_mount(2) of a detached mount onto the place that `target` (an O_PATH descriptor) names.
Result<void> MoveMount(int mount, int target);
Result<void> MoveMount(int mount, const std::string& target);
Result<void> MountSetAttr(int mount, bool recursive, uint64_t set, uint64_t clear,
                          uint64_t propagation = 0, int userns = -1);

/// pidfd_open(2).
Result<UniqueFd> PidfdOpen(pid_t pid);
Result<void> PidfdSendSignal(int pidfd, int signal);

/// close_range(2) with CLOSE_RANGE_CLOEXEC from `first` up.
Result<void> CloseOnExecFrom(unsigned first);

/// As many descriptors as the hard limit allows (RLIMIT_NOFILE; the usual soft one is 1,024): for
/// programs with a connection for each of thousands.
Result<void> AllowManyDescriptors();

}  // namespace berth::sys
