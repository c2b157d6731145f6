// Kernel parameters of a container's own namespaces (sysctl(8)).
#pragma once

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Fails at the first parameter that would be the host's: one that belongs to no namespace, or to
/// one that the container does not have.
Result<void> CheckSysctls(const Linux& config);

/// Writes them, from inside the namespaces, through a procfs mount of our own that nothing in the
/// container's root can stand in for (CVE-2025-52881).
Result<void> SetSysctls(const Linux& config);

}  // namespace berth::runtime
