// New file systems for a container, as its `mounts` want them.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/mounts/in_root.h"
#include "runtime/mounts/mounts.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// A detached mount of the type that `prepared` asks for, to be put on `target`. Where the kernel
/// gives a container none of its own, sysfs and cgroup are the host's.
Result<UniqueFd> NewMount(const Spec& spec, const PreparedMount& prepared,
                          const MountPoint& target);

/// True if an option is longer than a detached mount can have: then it is MountTheOldWay's.
bool NeedsOldWay(const PreparedMount& prepared);
/// The older call, which makes the file system and puts it on `target` at once.
Result<void> MountTheOldWay(const PreparedMount& prepared, const MountPoint& target);

}  // namespace berth::runtime
