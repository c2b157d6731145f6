// A container's root file system: its image's layers below, its own changes above.
#pragma once

#include "agent/shim/plan.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::shim {

/// An overlay of `container.layers` and its upper layer, as a detached mount: it is nowhere in the
/// host's tree, and gone with the last descriptor and namespace that has it.
/// (Documentation/filesystems/overlayfs.rst)
Result<UniqueFd> MountRoot(const ContainerPlan& container);

/// Copies what the image has at `seed.path` into the volume, if that is still empty: files,
/// directories and links with owner and mode. `root` is the mount of the container's root.
Result<void> SeedVolume(int root, const VolumeSeed& seed);

}  // namespace berth::agent::shim
