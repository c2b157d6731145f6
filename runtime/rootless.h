// Containers of users who have rights in the containers' user namespaces alone.
//
//   launcher                       inside                          first process
//   --------                       ------                          -------------
//   clone --------------------->   born in, or goes to, the user
//   mappings -- "mapped" ------>   namespace, with a mount
//                                  namespace of its own
//                                  all of create.cpp ---------->   born as the launcher's child
//   hooks of the runtime's <---    as soon as its root
//   namespaces --------------->    is mounted
//   Create returns <-- pid, --     ends
//                      start
#pragma once

#include "base/result.h"
#include "runtime/container.h"

namespace berth::runtime {

/// Whether `config` has a user namespace and the caller, outside of it, not the right to mount.
bool NeedsLauncherInside(const Linux& config);

/// As Create, by a process in the container's user namespace. With Parent::kCallersParent the
/// caller's parent gets one more child to reap, the process in between.
Result<Created> CreateFromInside(const CreateRequest& request);

/// For that process, at the other end of `outer`: has prestart and createRuntime hooks run where
/// they are meant to, for a container whose first process is `pid`.
Result<void> AskForRuntimeHooks(int outer, pid_t pid);

}  // namespace berth::runtime
