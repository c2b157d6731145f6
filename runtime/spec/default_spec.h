// What a container gets that asks for nothing in particular.
#pragma once

#include "runtime/spec/spec.h"

namespace berth::runtime {

/// The spec of a container as Docker makes it by default: new pid, mount, uts, ipc, network and
/// cgroup namespaces, 14 capabilities, the usual mounts, masked and read-only paths. It has no
/// `args`, no root path and no seccomp filter yet: see DefaultSeccomp.
Spec DefaultSpec();

}  // namespace berth::runtime
