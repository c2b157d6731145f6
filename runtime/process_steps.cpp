// The child's last steps, the same for a container's first process and for one that joins it.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/handshake.h"
#include "runtime/hooks/hooks.h"
#include "runtime/id_mappings.h"
#include "runtime/launch.h"
#include "runtime/process/cpu_affinity.h"
#include "runtime/process/idle_memory.h"
#include "runtime/process/program.h"
#include "runtime/process/rlimits.h"
#include "runtime/process/scheduling.h"
#include "runtime/process/streams.h"
#include "runtime/process/user.h"
#include "runtime/seccomp/seccomp_listener.h"

namespace berth::runtime {
namespace {

constexpr int kJoinSessionKeyring = 1;  // KEYCTL_JOIN_SESSION_KEYRING, linux/keyctl.h

Result<void> Streams(Launch& launch) {
  if (launch.terminal) return ConnectTerminal(launch.terminal.get());
  return ConnectStdio(launch.root.get(), launch.stdio);
}

Result<void> WorkingDirectory(Launch& launch) {
  return EnterWorkingDirectory(launch.root.get(), launch.process->cwd);
}

Result<void> Environment(Launch& launch) {
  launch.env = TRY(MakeEnvironment(launch.root.get(), *launch.process));
  if (launch.listen_fds > 0) {
    SetVariable(launch.env, fmt::format("LISTEN_FDS={}", launch.listen_fds));
    SetVariable(launch.env, fmt::format("LISTEN_PID={}", ::getpid()));  // as it sees itself
  }
  return {};
}

Result<void> Limits(Launch& launch) { return SetRlimits(launch.process->rlimits); }

// With the rights of before, which some of it takes.
Result<void> Scheduling(Launch& launch) {
  const Process& process = *launch.process;
  if (process.scheduler) TRY(SetScheduler(*process.scheduler));
  if (process.ioPriority) TRY(SetIoPriority(*process.ioPriority));
  if (launch.init >= 0 && !process.execCPUAffinity.final.empty()) {
    TRY(SetCpuAffinity(process.execCPUAffinity.final).Context("process.execCPUAffinity.final"));
  }
  const Linux& config = launch.spec->linux_;
  if (config.memoryPolicy) TRY(SetMemoryPolicy(*config.memoryPolicy));
  if (config.personality) TRY(SetPersonality(*config.personality));
  return {};
}

Result<void> BoundingSet(Launch& launch) { return DropBounding(launch.capabilities.bounding); }

Result<void> Identity(Launch& launch) {
  return BecomeUser(launch.process->user, GroupsOf(*launch.spec));
}

// Without no_new_privs a filter needs CAP_SYS_ADMIN, so it must come before the capabilities go.
bool FilterNeedsRights(const Launch& launch) {
  return launch.seccomp && !launch.process->noNewPrivileges;
}

Result<void> FinalCapabilities(Launch& launch) {
  return FilterNeedsRights(launch) ? RaiseEffective() : SetCapabilities(launch.capabilities);
}

// The kernel forgets both of these when a process changes its ids, so they come after.
Result<void> ParentDeath(Launch& launch) {
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return ErrnoError("PR_SET_DUMPABLE");
  if (launch.on_parent_death != OnParentDeath::kDie) return {};
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) return ErrnoError("PR_SET_PDEATHSIG");
  return {};
}

constexpr Step<Launch> kProcessSteps[] = {
    {"streams", Streams},
    {"working-directory", WorkingDirectory},
    {"environment", Environment},
    {"rlimits", Limits},
    {"scheduling", Scheduling},
    {"bounding-set", BoundingSet},
    {"user", Identity},
    {"capabilities", FinalCapabilities},
    {"parent-death", ParentDeath},
};

// Waits to be told, by the launcher or, once that has written down who this is, by whoever
// connects.
Result<void> AwaitStart(Launch& launch) {
  if (launch.start_socket < 0) return Await(launch.child_socket.get(), Word::kStart);
  TRY(Await(launch.child_socket.get(), Word::kKeep));
  launch.child_socket = TRY(AcceptIdly(launch.start_socket));
  return Await(launch.child_socket.get(), Word::kStart);
}

Result<void> StartContainerHooks(Launch& launch) {
  if (launch.init >= 0) return {};
  return RunHooks("startContainer", launch.spec->hooks.startContainer,
                  StateOf(launch, Status::kCreated, launch.host_pid), *launch.hook_streams);
}

Result<void> InstallFilter(Launch& launch) {
  if (!launch.seccomp_listener) return InstallSeccomp(*launch.seccomp);
  const bool first = launch.init < 0;
  return InstallWithListener(*launch.seccomp, std::move(launch.seccomp_listener),
                             *launch.spec->linux_.seccomp,
                             StateOf(launch, first ? Status::kCreated : Status::kRunning,
                                     first ? launch.host_pid : launch.init),
                             launch.host_pid);
}

// After these the program's own rules hold, so nothing comes after them but the program. The filter
// comes last, or last but one: it need not allow what the set-up does.
Result<void> LastLocks(Launch& launch) {
  TRY(launch.labels.Set(*launch.process));
  if (FilterNeedsRights(launch)) {
    TRY(InstallFilter(launch));
    return SetCapabilities(launch.capabilities);
  }
  if (!launch.process->noNewPrivileges) return {};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return ErrnoError("PR_SET_NO_NEW_PRIVS");
  return launch.seccomp ? InstallFilter(launch) : Result<void>();
}

// Its own number as the launcher knows it: /proc still is the host's. Hooks and listeners are told.
Result<void> FindHostPid(Launch& launch) {
  const Hooks& hooks = launch.spec->hooks;
  if (hooks.createContainer.empty() && hooks.startContainer.empty() && !launch.seccomp_listener) {
    return {};
  }
  std::array<char, 16> number = {};
  if (::readlink("/proc/self", number.data(), number.size() - 1) < 0) {
    return ErrnoError("readlink /proc/self");
  }
  launch.host_pid = ParseInteger<pid_t>(number.data()).value_or(0);
  return {};
}

// While this process's files in /proc still are its user's, who can't be given a lower score.
void SetOwnOomScore(const Launch& launch) {
  if (!launch.process->oomScoreAdj) return;
  if (auto set = SetOomScoreAdj(0, *launch.process->oomScoreAdj); !set) {
    log::Warning("process.oomScoreAdj is not in force: {}", set.error().message());
  }
}

}  // namespace

Result<void> Detach(Launch& launch) {
  if (launch.rights == Rights::kUsers) SetOwnOomScore(launch);
  TRY(sys::CloseOnExecFrom(3U + static_cast<unsigned>(launch.preserve_fds)));
  TRY(FindHostPid(launch));
  // Nobody in a pid namespace that we share may look at this process, which still is the launcher's
  // memory, descriptors and program file, unless it has CAP_SYS_PTRACE (CVE-2019-5736).
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) return ErrnoError("PR_SET_DUMPABLE");
  // What the launcher ignores would stay ignored.
  for (int signal = 1; signal < 32; ++signal) {
    if ((launch.ignored_signals >> (signal - 1) & 1) != 0) ::signal(signal, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::umask(0);  // the modes that the set-up gives are the ones meant
  if (::setsid() < 0) return ErrnoError("setsid");
  launch.labels = TRY(SecurityLabels::Open(*launch.process));
  if (launch.keyring == SessionKeyring::kLaunchers) return {};
  if (!launch.process->selinuxLabel.empty()) TRY(SetKeyLabel(launch.process->selinuxLabel));
  // Keys of the host's session are not the container's. Kernels without keys or a full quota are no
  // reason to fail.
  if (::syscall(SYS_keyctl, kJoinSessionKeyring, nullptr) < 0 && errno != ENOSYS &&
      errno != EDQUOT && errno != EPERM) {
    return ErrnoError("new session keyring");
  }
  return {};
}

Error BecomeProgram(const char* procedure, Launch& launch) {
  const auto prepare = [&]() -> Result<void> {
    TRY(RunSteps<Launch>(procedure, kProcessSteps, launch));
    // What waits for long should be able to start: callers of `create` want to hear it then.
    const auto& args = launch.process->args;
    if (launch.start_socket >= 0 && !args.empty()) TRY(CheckExecutable(args, launch.env));
    TRY(Tell(launch.child_socket.get(), Word::kReady));
    TRY(AwaitStart(launch));
    if (args.empty()) return MakeError("process.args is missing in the configuration");
    TRY(StartContainerHooks(launch));
    return LastLocks(launch);
  };
  if (auto ready = prepare(); !ready) return std::move(ready).error();
  return Execute(launch.process->args, launch.env);
}

}  // namespace berth::runtime
