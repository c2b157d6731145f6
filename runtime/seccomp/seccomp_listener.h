// SCMP_ACT_NOTIFY: calls that somebody outside decides on (config-linux.md, "Seccomp" and "The
// Container Process State"; seccomp_unotify(2)).
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/hooks/container_state.h"
#include "runtime/seccomp/seccomp.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Whether the profile has such calls.
bool NotifiesOf(const Seccomp& profile);

/// A connection to who listens at listenerPath, a path of the host's.
Result<UniqueFd> ConnectToListener(const Seccomp& profile);

/// Puts the filter on the calling thread and hands its descriptor over on `connection`, which is
/// closed. A thread without the filter does that, whatever the filter says of the calls it takes;
/// it ends by itself. To be called once in a process, which then executes its program.
Result<void> InstallWithListener(const SeccompFilter& filter, UniqueFd connection,
                                 const Seccomp& profile, const ContainerState& state, pid_t pid);

}  // namespace berth::runtime
