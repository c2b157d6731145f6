// Launching containers: Create sets one up to the last step before its program, Start lets the
// program run, Exec runs another program inside. What happens in which order is in create.cpp and
// exec.cpp.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/hooks/hooks.h"
#include "runtime/mounts/root.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// The program's standard streams. Borrowed; 0 to 2 themselves are not close-on-exec; -1 leads to
/// the container's /dev/null. Not used with `process.terminal`. Pipes are given to the container's
/// user, so that it can open /dev/stdout.
struct Stdio {
  int in = -1;
  int out = -1;
  int err = -1;
};

/// Whose child the new process is, and so who reaps it.
enum class Parent {
  kCaller,
  kCallersParent,  // CLONE_PARENT: a short-lived launcher makes it, the launcher's parent reaps it
};

/// What becomes of the new process when its parent dies first.
enum class OnParentDeath { kLive, kDie };

/// Whether the process gets a session keyring of its own (keyrings(7)).
enum class SessionKeyring { kNew, kLaunchers };

struct CreateRequest {
  std::string id;  // names the container in messages
  const Spec* spec = nullptr;
  std::string bundle;  // directory that relative paths of the spec start from
  int root_fd = -1;    // the root: a detached mount or any directory; -1: spec.root.path
  Stdio stdio;
  int console_socket = -1;  // gets the terminal's master side (SCM_RIGHTS) if process.terminal
  int cgroup_fd = -1;       // cgroup v2 directory to be born in; -1: the caller's
  Parent parent = Parent::kCaller;
  OnParentDeath on_parent_death = OnParentDeath::kLive;
  std::string seccomp_cache;  // directory for compiled filters, made if missing; empty: none
  int start_socket = -1;  // a listening SOCK_SEQPACKET socket to be started through later; see Keep
  int preserve_fds = 0;   // so many descriptors from 3 up stay open for the program
  int listen_fds = 0;     // the first of these are sockets that it is told of (sd_listen_fds(3))
  SessionKeyring keyring = SessionKeyring::kNew;
  RootSwitch pivot = RootSwitch::kPivot;
  const HookStreams* hook_streams = nullptr;  // Create's own: opened with its rights
  /// Called with the first process's number while that process still sets itself up (or, if it is
  /// made from inside a user's namespace, once it has): for what can be done meanwhile. Its failure
  /// ends the creation.
  std::function<Result<void>(pid_t)> on_birth;
};

/// A container that waits to be started. It ends if `start` is closed before.
struct Created {
  pid_t pid = -1;  // as the caller sees it
  UniqueFd start;
};

/// Sets the container up; without process.args it can only not be started. When this returns, its
/// first process has everything but the program. On failure nothing is left; a process that was
/// made already has been reaped, or with Parent::kCallersParent ends by itself for the caller's
/// parent to reap. The calling thread is in the namespaces that `spec` joins while the process is
/// made. The caller has something open at descriptors 0 to 2, and no other threads that take or
/// hold locks.
Result<Created> Create(const CreateRequest& request);

/// Lets it execute its program. Returns once that has begun, or says why it can't: "exec /bin/nope:
/// No such file or directory", with the errno in Error::code. The process has ended then, and is
/// reaped like one that ran.
Result<void> Start(Created& created);

/// For a container with a `start_socket`, instead of Start: from here on it outlives the caller,
/// and waits for StartKept by any process. To be called once whoever is to find it can.
Result<void> Keep(Created& created);
/// Start, through a socket that is connected to the container's `start_socket`.
Result<void> StartKept(UniqueFd connected);

struct ExecRequest {
  pid_t init = -1;  // first process of a running container, not reaped yet
  const Process* process = nullptr;
  const Spec* spec = nullptr;  // the container's own
  Stdio stdio;
  int console_socket = -1;
  int cgroup_fd = -1;
  Parent parent = Parent::kCaller;
  OnParentDeath on_parent_death = OnParentDeath::kLive;
  std::string seccomp_cache;
  int preserve_fds = 0;
  int listen_fds = 0;
  SessionKeyring keyring = SessionKeyring::kNew;
};

/// Runs `process` in the namespaces and root of `init`, under the container's seccomp filter.
/// Returns once the program has begun or failed to; errors as in Create and Start.
Result<pid_t> Exec(const ExecRequest& request);

}  // namespace berth::runtime
