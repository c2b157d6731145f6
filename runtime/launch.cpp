#include "runtime/launch.h"

#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clone.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/handshake.h"
#include "runtime/id_mappings.h"
#include "runtime/stdio.h"

namespace berth::runtime {

Result<void> PrepareCapabilities(Launch& launch) {
  launch.capabilities = TRY(ParseCapabilities(launch.process->capabilities));
  // A new user namespace gives its first process all there are.
  if (FindNamespace(launch.spec->linux_, "user") != nullptr) return {};
  const CapabilitySet granted = TRY(PermittedCapabilities());
  const CapabilitySet missing =
      (launch.capabilities.bounding | launch.capabilities.permitted) & ~granted;
  if (missing != 0) {
    // config.md: a capability that can't be granted is worth a warning, not a failure.
    log::Warning("not granted to the container, as this process lacks them itself: {}",
                 Join(CapabilityNames(missing), ", "));
  }
  launch.capabilities = Restrict(launch.capabilities, granted);
  return {};
}

Result<void> PrepareSeccomp(Launch& launch) {
  if (!launch.spec->linux_.seccomp) return {};
  launch.seccomp = TRY(CompileSeccompCached(*launch.spec->linux_.seccomp, launch.seccomp_cache));
  return {};
}

Result<void> GivePipes(Launch& launch) {
  if (launch.process->terminal) return {};
  const uint32_t uid = TRY(HostUid(launch.spec->linux_, launch.process->user.uid));
  return GivePipesTo(launch.stdio, uid);
}

Result<void> ConnectHandshake(Launch& launch) {
  std::tie(launch.parent_socket, launch.child_socket) = TRY(sys::SocketPair(SOCK_SEQPACKET));
  return {};
}

Result<void> BearChild(Launch& launch, uint64_t flags, void (*child)(Launch&)) {
  launch.grandparent = ::getppid();
  if (launch.parent == Parent::kCallersParent) flags |= CLONE_PARENT;
  TRY(launch.visit.Enter());
  const auto pid = sys::Clone({.flags = flags, .cgroup_fd = launch.cgroup_fd});
  if (pid && *pid == 0) {
    launch.parent_socket.Reset();  // or the child would never see the launcher go
    child(launch);
    ::_exit(1);
  }
  if (pid) launch.child = *pid;
  launch.child_socket.Reset();
  TRY(launch.visit.Leave());
  TRY(pid);
  return {};
}

void AbandonChild(Launch& launch) {
  // Seeing this closed, the child ends by itself wherever it waits for us. Only our own child's
  // number is safe to signal: another parent may have reaped it already.
  launch.parent_socket.Reset();
  if (launch.child < 0 || launch.parent != Parent::kCaller) return;
  ::kill(launch.child, SIGKILL);
  while (::waitpid(launch.child, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<void> CheckParentStillThere(const Launch& launch) {
  if (launch.on_parent_death != OnParentDeath::kDie) return {};
  // If the caller is the parent, the handshake's end would tell the child; if the caller's parent
  // is, it is for us to see.
  if (launch.parent == Parent::kCaller || ::getppid() == launch.grandparent) return {};
  return MakeError("the parent of the new process is gone");
}

void EndChild(Launch& launch, const Error& error) {
  TellFailure(launch.child_socket.get(), error);
  ::_exit(1);
}

}  // namespace berth::runtime
