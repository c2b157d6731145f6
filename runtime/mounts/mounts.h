// The mounts of a container, made by descriptor: nothing is mounted by a path that could be changed
// between the check and the use.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/mounts/in_root.h"
#include "runtime/mounts/mount_options.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// One entry of `mounts`, made ready by the parent.
struct PreparedMount {
  const Mount* mount = nullptr;
  MountOptions options;
  std::optional<std::string> link;  // a symbolic link to this takes the place of a mount
  UniqueFd source;                  // of a bind mount: the detached copy; empty otherwise
};

/// The parent's part: sorts the options and opens the sources of bind mounts, which are paths on
/// the host, with the host's rights and before any process is made. `user_namespace` is the one
/// that the container joins, or -1.
Result<std::vector<PreparedMount>> PrepareMounts(const Spec& spec, const std::string& bundle,
                                                 int user_namespace);

/// The place of a mount under `root`, made where it is missing.
Result<MountPoint> PlaceOfMount(int root, const PreparedMount& prepared);
/// Makes one of them at its place under `root`, with the file systems of the namespaces that the
/// caller is in, and answers it: attached, and to be made read-only by the caller if it is a tmpfs
/// with "ro". Nothing if it is a link, changes a mount that is there, or can be made in the old way
/// only.
Result<UniqueFd> MakeMount(int root, const Spec& spec, PreparedMount& prepared);

/// The child's part: makes each mount at its place under `root`, in order, with the file systems of
/// the namespaces that the child is in. Gives back those to be made read-only once the rest of the
/// set-up has written to them (tmpfs with "ro").
Result<std::vector<UniqueFd>> MakeMounts(int root, const Spec& spec,
                                         std::vector<PreparedMount>& mounts);

}  // namespace berth::runtime
