// Paths inside a container's root, which is in the hands of whoever made the image: resolved by the
// kernel as if the root were "/" (openat2(2), RESOLVE_IN_ROOT), never through links of /proc that
// lead out, and used by descriptor from then on.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::runtime {

/// What is done about symbolic links. With kLastIsIt one at the end of a path is what is meant
/// itself.
enum class Symlinks { kFollow, kRefuse, kLastIsIt };

/// `path` without doubled slashes, "." and "..", and without the slash at its start: "a/b"; empty
/// for the root itself. Only text: no link is looked at.
std::string NormalPath(std::string_view path);

/// Opens what is there. `flags` as for open(2), O_CLOEXEC is added.
Result<UniqueFd> OpenInRoot(int root, const std::string& path, int flags,
                            Symlinks symlinks = Symlinks::kFollow);

/// An O_PATH descriptor of the directory `path`, made with all above it (mode 0755) where missing.
/// A symbolic link that leads nowhere is followed: what it names is made.
Result<UniqueFd> MakeDirectoryInRoot(int root, const std::string& path,
                                     Symlinks symlinks = Symlinks::kFollow);

enum class MountPointKind { kDirectory, kFile };
struct MountPoint {
  UniqueFd fd;           // O_PATH
  bool existed = false;  // was there before
};
/// The place to mount something on: what is there, or a new empty directory or file.
Result<MountPoint> MakeMountPoint(int root, const std::string& path, MountPointKind kind,
                                  Symlinks symlinks);

/// Makes a symbolic link to `target` at `path`, with the directories above it where missing. One
/// that is there already has to lead to the same.
Result<void> MakeLinkInRoot(int root, const std::string& path, const std::string& target);

/// Fails unless `fd` is the null device (character device 1:3), whatever its name says.
Result<void> CheckNullDevice(int fd);

}  // namespace berth::runtime
