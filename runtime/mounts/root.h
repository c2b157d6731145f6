// The container's root file system: from a directory or mount of the host to "/".
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// A path of the spec as one of the host: relative ones start from the bundle, or where the caller
/// is if it gave none.
std::string InBundle(const std::string& bundle, const std::string& path);

/// The parent's part: a detached mount of `root_fd` (a mount or any directory) or, if that is -1,
/// of the spec's root.path under `bundle`, with all that is mounted below it. Nothing mounted in it
/// later reaches the host.
Result<UniqueFd> OpenRoot(const Spec& spec, const std::string& bundle, int root_fd);

/// The child's part, in its own mount namespace: puts the root where it can become "/". The host's
/// files stay reachable until SwitchRoot.
Result<void> AttachRoot(int root);
/// How the container's root becomes "/". kChroot is for hosts whose root is an initramfs, which
/// can't be pivoted: what the host has mounted stays in reach of a process that gets out.
enum class RootSwitch { kPivot, kChroot };
/// Makes it "/" and, with pivot_root(2), lets go of everything else.
Result<void> SwitchRoot(int root, RootSwitch how);
/// Read-only and propagation, as the spec asks; after all that writes or mounts.
Result<void> SealRoot(int root, const Spec& spec);

}  // namespace berth::runtime
