#include "runtime/launch.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clone.h"
#include "base/log.h"
#include "base/pidfd.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/handshake.h"
#include "runtime/id_mappings.h"
#include "runtime/process/streams.h"
#include "runtime/seccomp/seccomp_listener.h"

namespace berth::runtime {

ContainerState StateOf(const Launch& launch, Status status, pid_t pid) {
  return {.id = launch.id,
          .status = status,
          .pid = pid,
          .bundle = launch.bundle,
          .annotations = launch.spec->annotations};
}

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
  const Extensions& extensions = launch.spec->extensions;
  if (!extensions.seccomp_program.empty()) {
    launch.seccomp = SeccompFilter{.program = extensions.seccomp_program};
    return {};
  }
  if (!launch.spec->linux_.seccomp) return {};
  const Seccomp& profile = *launch.spec->linux_.seccomp;
  if (extensions.unknown_syscalls_fail) TRY(CheckSyscalls(profile).Context("linux.seccomp"));
  launch.seccomp =
      TRY(CompileSeccompCached(profile, launch.seccomp_cache).Context("linux.seccomp"));
  if (!NotifiesOf(profile)) return {};
  if (profile.listenerPath.empty()) {
    return MakeError("linux.seccomp.listenerPath: is needed for SCMP_ACT_NOTIFY");
  }
  launch.seccomp_listener = TRY(ConnectToListener(profile));
  return {};
}

Result<void> GivePipes(Launch& launch) {
  if (launch.process->terminal) return {};
  uint32_t uid = launch.process->user.uid;
  if (FindNamespace(launch.spec->linux_, "user") != nullptr) {
    uid = TRY(HostUid(launch.uid_mappings, uid).Context("process.user.uid"));
  }
  return GivePipesTo(launch.stdio, uid);
}

Result<void> ConnectHandshake(Launch& launch) {
  std::tie(launch.parent_socket, launch.child_socket) = TRY(sys::SocketPair(SOCK_SEQPACKET));
  return {};
}

namespace {

[[noreturn]] void BeChild(Launch& launch, void (*child)(Launch&)) {
  launch.parent_socket.Reset();  // or the child would never see the launcher go
  child(launch);
  ::_exit(1);
}

// A process goes where there is no way back from, has the child as a sibling of its own, tells its
// number and ends. It is born as a child of whoever is to have the child; and in the child's cgroup
// if that can't be reached from there.
Result<void> BearFromInside(Launch& launch, uint64_t flags, void (*child)(Launch&)) {
  const bool is_ours = launch.parent == Parent::kCaller;
  const bool in_cgroup = launch.visit.InOtherCgroups();
  auto [read_end, write_end] = TRY(sys::Pipe());
  const pid_t visitor = TRY(sys::Clone({.flags = is_ours ? 0 : uint64_t{CLONE_PARENT},
                                        .cgroup_fd = in_cgroup ? launch.cgroup_fd : -1}));
  if (visitor == 0) {
    auto pid = [&]() -> Result<pid_t> {
      TRY(launch.visit.Enter());
      return sys::Clone(
          {.flags = flags | CLONE_PARENT, .cgroup_fd = in_cgroup ? -1 : launch.cgroup_fd});
    }();
    if (pid && *pid == 0) BeChild(launch, child);
    if (!pid) EndChild(launch, pid.error());
    ::_exit(::write(write_end.get(), &*pid, sizeof *pid) == sizeof *pid ? 0 : 1);
  }
  launch.child_socket.Reset();
  write_end.Reset();
  pid_t pid = -1;
  const bool told = ::read(read_end.get(), &pid, sizeof pid) == sizeof pid;
  while (is_ours && ::waitpid(visitor, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!told) return Await(launch.parent_socket.get(), Word::kReady);  // fails with the reason
  launch.child = pid;
  return {};
}

}  // namespace

Result<void> BearChild(Launch& launch, uint64_t flags, void (*child)(Launch&)) {
  launch.grandparent = ::getppid();
  launch.ignored_signals = IgnoredSignals().ValueOr(~uint64_t{});
  flags |= CLONE_CLEAR_SIGHAND;  // a handler would do the launcher's work
  if (launch.visit.HasNoWayBack() || (launch.cgroup_fd >= 0 && launch.visit.InOtherCgroups())) {
    return BearFromInside(launch, flags, child);
  }
  if (launch.parent == Parent::kCallersParent) flags |= CLONE_PARENT;
  TRY(launch.visit.Enter());
  const auto pid = sys::Clone({.flags = flags, .cgroup_fd = launch.cgroup_fd});
  if (pid && *pid == 0) BeChild(launch, child);
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

Result<void> AwaitReady(const char* procedure, const Launch& launch) {
  TRY(Await(launch.parent_socket.get(), Word::kReady));
  // By now the child has asked the kernel to let it die with its parent, who may have gone before.
  // If that is us, the child sees it as it waits for the start; if it is our parent, we must look.
  if (launch.on_parent_death == OnParentDeath::kDie && launch.parent == Parent::kCallersParent &&
      ::getppid() != launch.grandparent) {
    return MakeError("the parent of the new process is gone");
  }
  return FaultPoint(procedure, "ready");
}

Result<void> StartProgram(int parent_socket) {
  TRY(Tell(parent_socket, Word::kStart).Context("tell the process to start"));
  return AwaitExecution(parent_socket);
}

void EndChild(Launch& launch, const Error& error) {
  TellFailure(launch.child_socket.get(), error);
  ::_exit(1);
}

}  // namespace berth::runtime
