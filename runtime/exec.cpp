// Another process in a running container.
//
//        launcher                                  new process
//        --------                                  -----------
//   capabilities, seccomp, container, handshake
//   clone ------------------------------------->   born in the container's pid namespace
//   oom-score                                      detach, join, root, terminal,
//                                                  then the process steps
//            <----------- "ready" --------------
//            ------------ "start" ------------->   no_new_privs, seccomp
//   executed <-- execve closes the socket ------   the program
//
// The launcher enters the pid namespace for the moment of the clone, so that the process is born in
// it as the child of whoever is to reap it, with no process in between.
#include <sched.h>

#include "base/sys.h"
#include "runtime/container.h"
#include "runtime/id_mappings.h"
#include "runtime/launch.h"
#include "runtime/process/cpu_affinity.h"
#include "runtime/process/streams.h"
#include "runtime/process/user.h"
#include "runtime/rootless.h"

namespace berth::runtime {
namespace {

// --- The new process ---

// All at once, so that the kernel checks all against the rights that we have now.
Result<void> Join(Launch& launch) {
  int namespaces = JoinableNamespaces(launch.spec->linux_);
  if (launch.rights == Rights::kUsers) namespaces &= ~CLONE_NEWUSER;  // it is in that one already
  TRY(sys::Setns(launch.init_pidfd.get(), namespaces));
  const bool has_users = FindNamespace(launch.spec->linux_, "user") != nullptr;
  return has_users ? BecomeNamespaceRoot(GroupsOf(*launch.spec)) : Result<void>();
}

// Joining a mount namespace puts a process into its root.
Result<void> FindRoot(Launch& launch) {
  launch.root = TRY(sys::Open("/", O_PATH | O_DIRECTORY));
  return {};
}

Result<void> Terminal(Launch& launch) {
  if (!launch.process->terminal) return {};
  launch.terminal = TRY(MakeTerminal(launch.root.get(), launch.console_socket, *launch.process));
  return {};
}

constexpr Step<Launch> kChildSteps[] = {
    {"detach", Detach},
    {"join", Join},
    {"root", FindRoot},
    {"terminal", Terminal},
};

Error RunChild(Launch& launch) {
  auto inside = RunSteps<Launch>("runtime.exec-child", kChildSteps, launch);
  if (!inside) return std::move(inside).error();
  return BecomeProgram("runtime.exec-child", launch);
}

void Child(Launch& launch) { EndChild(launch, RunChild(launch)); }

// --- The launcher ---

Result<void> Check(Launch& launch) {
  if (launch.process->args.empty()) return MakeError("process.args is empty");
  return CheckSecurityLabels(*launch.process, launch.spec->linux_);
}

Result<void> OpenContainer(Launch& launch) {
  launch.init_pidfd = TRY(sys::PidfdOpen(launch.init));
  if (FindNamespace(launch.spec->linux_, "user") != nullptr) {
    launch.uid_mappings = TRY(IdMapsOfProcess(launch.init)).uids;
  }
  if (FindNamespace(launch.spec->linux_, "pid") != nullptr) {
    launch.visit = TRY(NamespaceVisit::PreparePidNamespace(launch.init_pidfd.get()));
  }
  if (!NeedsLauncherInside(launch.spec->linux_)) return {};
  launch.rights = Rights::kUsers;
  return launch.visit.GoByUserNamespace(launch.init_pidfd.get());
}

// Inherited by the child, and taken back: where it runs until it is in the container.
Result<void> Clone(Launch& launch) {
  const std::string& initial = launch.process->execCPUAffinity.initial;
  if (initial.empty()) return BearChild(launch, 0, Child);
  const CpuAffinityVisit visit =
      TRY(CpuAffinityVisit::Enter(initial).Context("process.execCPUAffinity.initial"));
  return BearChild(launch, 0, Child);
}

Result<void> OomScore(Launch& launch) {
  if (!launch.process->oomScoreAdj || launch.rights == Rights::kUsers) return {};
  return SetOomScoreAdj(launch.child, *launch.process->oomScoreAdj);
}

constexpr Step<Launch> kParentSteps[] = {
    {"check", Check},
    {"capabilities", PrepareCapabilities},
    {"seccomp", PrepareSeccomp},
    {"container", OpenContainer},
    {"pipes", GivePipes},
    {"handshake", ConnectHandshake},
    {"clone", Clone},
    {"oom-score", OomScore},
};

}  // namespace

Result<pid_t> Exec(const ExecRequest& request) {
  Launch launch = {.spec = request.spec,
                   .process = request.process,
                   .stdio = request.stdio,
                   .console_socket = request.console_socket,
                   .cgroup_fd = request.cgroup_fd,
                   .parent = request.parent,
                   .on_parent_death = request.on_parent_death,
                   .seccomp_cache = request.seccomp_cache,
                   .init = request.init,
                   .preserve_fds = request.preserve_fds,
                   .listen_fds = request.listen_fds,
                   .keyring = request.keyring};
  auto made = RunSteps<Launch>("runtime.exec-parent", kParentSteps, launch);
  // Not steps: the failures of the process are told in its own words.
  if (made) made = AwaitReady("runtime.exec-parent", launch);
  if (made) made = StartProgram(launch.parent_socket.get());
  if (!made) {
    AbandonChild(launch);
    return std::move(made).error();
  }
  return launch.child;
}

}  // namespace berth::runtime
