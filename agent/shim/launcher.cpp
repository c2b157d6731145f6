#include "agent/shim/launcher.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/shim/rootfs.h"
#include "base/clone.h"
#include "base/files.h"
#include "base/sys.h"
#include "base/wire.h"
#include "cgroups/cgroup.h"
#include "runtime/container.h"
#include "runtime/process/passwd.h"
#include "runtime/spec/spec.h"
#include "runtime/spec/spec_parse.h"

namespace berth::agent::shim {
namespace {

std::string EncodeOutcome(const Result<pid_t>& outcome) {
  WireWriter wire;
  wire.Number(outcome ? *outcome : -1);
  wire.Number(outcome ? 0 : outcome.error().code());
  wire.Text(outcome ? "" : outcome.error().message());
  return wire.Take();
}

// Runs `work` in a child and lets it report what came out.
Result<Launch> Fork(const std::function<Result<pid_t>()>& work) {
  auto [report_read, report_write] = TRY(sys::Pipe());
  const pid_t shim = ::getpid();
  const pid_t pid = TRY(sys::Clone({}).Context("fork the launcher"));
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != shim) ::_exit(1);  // the shim died before it could take us with it
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const auto written = sys::WriteAll(report_write.get(), EncodeOutcome(work()));
    ::_exit(written ? 0 : 1);
  }
  return Launch{.pid = pid, .report = std::move(report_read)};
}

Result<runtime::Spec> LoadSpec(const ContainerPlan& container) {
  const std::string path = container.bundle + "/config.json";
  return runtime::ParseSpec(TRY(ReadFile(path))).Context("{}", path);
}

// The container's cgroup directory, nothing where the host has no cgroup2.
Result<UniqueFd> OpenCgroup(const TaskPlan& plan, const ContainerPlan& container) {
  if (container.cgroup.empty()) return UniqueFd();
  return sys::Open(plan.cgroup_mount + "/" + container.cgroup, O_RDONLY | O_DIRECTORY);
}

runtime::Stdio ToRuntime(const LaunchStdio& stdio) {
  return {.in = stdio.in, .out = stdio.out, .err = stdio.err};
}

Result<pid_t> CreateAndStart(const TaskPlan& plan, const ContainerPlan& container,
                             const LaunchStdio& stdio) {
  runtime::Spec spec = TRY(LoadSpec(container));
  const UniqueFd cgroup = TRY(OpenCgroup(plan, container));
  const UniqueFd root = TRY(MountRoot(container));
  for (const VolumeSeed& seed : container.seeds) TRY(SeedVolume(root.get(), seed));
  if (!container.user.empty()) {
    spec.process.user = TRY(runtime::LookUpUser(root.get(), container.user));
  }
  runtime::Created created = TRY(runtime::Create({.id = container.name,
                                                  .spec = &spec,
                                                  .bundle = container.bundle,
                                                  .root_fd = root.get(),
                                                  .stdio = ToRuntime(stdio),
                                                  .console_socket = stdio.console_socket,
                                                  .cgroup_fd = cgroup.get(),
                                                  .parent = runtime::Parent::kCallersParent,
                                                  .on_parent_death = runtime::OnParentDeath::kDie,
                                                  .seccomp_cache = plan.seccomp_cache})
                                     .Context("create {}", container.name));
  TRY(runtime::Start(created));
  return created.pid;
}

Result<pid_t> Join(const TaskPlan& plan, const ContainerPlan& container, pid_t init,
                   const Request& request, const LaunchStdio& stdio) {
  const runtime::Spec spec = TRY(LoadSpec(container));
  runtime::Process process = spec.process;
  process.args = request.args;
  process.terminal = request.terminal;
  process.env.insert(process.env.end(), request.env.begin(), request.env.end());
  if (!request.cwd.empty()) process.cwd = request.cwd;
  const std::string& user = request.user.empty() ? container.user : request.user;
  if (!user.empty()) {
    const UniqueFd root = TRY(sys::Open(fmt::format("/proc/{}/root", init), O_PATH | O_DIRECTORY));
    process.user = TRY(runtime::LookUpUser(root.get(), user));
  }
  const UniqueFd cgroup = TRY(OpenCgroup(plan, container));
  return runtime::Exec({.init = init,
                        .process = &process,
                        .spec = &spec,
                        .stdio = ToRuntime(stdio),
                        .console_socket = stdio.console_socket,
                        .cgroup_fd = cgroup.get(),
                        .parent = runtime::Parent::kCallersParent,
                        .on_parent_death = runtime::OnParentDeath::kDie,
                        .seccomp_cache = plan.seccomp_cache});
}

}  // namespace

Result<Launch> LaunchContainer(const TaskPlan& plan, const ContainerPlan& container,
                               const LaunchStdio& stdio) {
  return Fork([&] { return CreateAndStart(plan, container, stdio); });
}

Result<Launch> LaunchExec(const TaskPlan& plan, const ContainerPlan& container, pid_t init,
                          const Request& request, const LaunchStdio& stdio) {
  return Fork([&] { return Join(plan, container, init, request, stdio); });
}

Result<pid_t> FinishLaunch(Launch launch) {
  const auto report = ReadAll(launch.report.get());
  int status = 0;
  while (::waitpid(launch.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!report) return report.error();
  WireReader wire(*report);
  const auto pid = static_cast<pid_t>(wire.Number());
  const auto code = static_cast<int>(wire.Number());
  std::string message = wire.Text();
  if (!wire.Finish()) {
    return MakeError("the launcher ended with {} before it was done",
                     ExitStatus::FromWait(status).code);
  }
  if (pid < 0) return Error(std::move(message), code);
  return pid;
}

}  // namespace berth::agent::shim
