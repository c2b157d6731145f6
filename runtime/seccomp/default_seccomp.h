// The seccomp filter of a container that asks for none in particular.
#pragma once

#include <string>
#include <vector>

#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Docker's default profile for a process with these capabilities on this machine's architecture:
/// everything fails with EPERM but the listed calls, and some calls come with a capability.
/// `capabilities` are names like CAP_SYS_ADMIN, usually the bounding set.
Seccomp DefaultSeccomp(const std::vector<std::string>& capabilities);

}  // namespace berth::runtime
