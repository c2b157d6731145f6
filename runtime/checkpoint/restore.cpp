#include "runtime/checkpoint/restore.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/fd_passing.h"
#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/checkpoint/criu.h"
#include "runtime/checkpoint/mount_points.h"
#include "runtime/checkpoint/outside.h"
#include "runtime/hooks/hooks.h"
#include "runtime/namespaces.h"
#include "runtime/network/loopback.h"
#include "runtime/network/net_devices.h"

namespace berth::runtime {
namespace {

constexpr const char* kRestoreLog = "restore.log";

Result<void> SetLoopbackUpOf(pid_t pid) {
  const UniqueFd own = TRY(sys::Open("/proc/thread-self/ns/net", O_RDONLY));
  const UniqueFd its = TRY(sys::Open(fmt::format("/proc/{}/ns/net", pid), O_RDONLY));
  TRY(sys::Setns(its.get(), CLONE_NEWNET));
  auto up = SetLoopbackUp();
  TRY(sys::Setns(own.get(), CLONE_NEWNET).Context("return to the own network namespace"));
  return up;
}

// Its namespaces are there, and nothing in them.
Result<void> SetNamespacesUp(const CreateRequest& container, pid_t pid) {
  const Spec& spec = *container.spec;
  if (HasNew(spec.linux_, "network")) TRY(SetLoopbackUpOf(pid));
  if (!spec.linux_.netDevices.empty()) TRY(MoveNetDevices(spec.linux_.netDevices, pid));
  const ContainerState state = {.id = container.id,
                                .status = Status::kCreating,
                                .pid = pid,
                                .bundle = container.bundle,
                                .annotations = spec.annotations};
  return RunRuntimeHooks(spec.hooks, state, TRY(OpenHookStreams(spec.extensions)));
}

// One restoration, of which CRIU tells.
struct Restoration {
  const CreateRequest& container;
  pid_t pid = 0;                 // known from the first notification on that has it
  bool terminal_is_due = false;  // and not handed over yet
};

Result<void> HandTerminalOver(Restoration& restoration, const CriuNotification& notification) {
  if (!restoration.terminal_is_due || notification.fds.empty()) return {};
  restoration.terminal_is_due = false;
  const int master = notification.fds[0].get();
  return SendMessage(restoration.container.console_socket, "terminal", {&master, 1})
      .Context("console socket");
}

Result<void> TellOfRestored(const Restoration& restoration) {
  if (restoration.terminal_is_due) {
    return MakeError("process.terminal is true, but there is no terminal in the images");
  }
  const auto& on_birth = restoration.container.on_birth;
  return on_birth ? on_birth(restoration.pid) : Result<void>();
}

Result<void> AnswerWhileRestoring(Restoration& restoration, const CriuNotification& notification) {
  const std::string& script = notification.script;
  if (notification.pid > 0) restoration.pid = notification.pid;
  if (script == "setup-namespaces") return SetNamespacesUp(restoration.container, restoration.pid);
  if (script == "orphan-pts-master") return HandTerminalOver(restoration, notification);
  return script == "post-restore" ? TellOfRestored(restoration) : Result<void>();
}

// "0::/a/b" of proc_pid_cgroup(5): the place that CRIU was born in takes that of the first process.
Result<std::vector<CriuPair>> CgroupRoot(pid_t pid) {
  constexpr std::string_view kVersion2 = "0::";
  const std::string cgroups = TRY(ReadFile(fmt::format("/proc/{}/cgroup", pid)));
  for (const std::string& line : Split(cgroups, '\n')) {
    if (line.starts_with(kVersion2)) {
      return std::vector<CriuPair>{{.first = "", .second = line.substr(kVersion2.size())}};
    }
  }
  return std::vector<CriuPair>();
}

// What CRIU has to inherit, and all that is asked of it but the cgroup, which it has once it runs.
Result<CriuOptions> OptionsOf(const CreateRequest& container, const RestoreRequest& request,
                              Inherited& inherited) {
  CriuOptions options = request.options;
  TRY(AddNamespacesToRestore(*container.spec, inherited));
  const auto streams = TRY(ReadDescriptors(request.images.images));
  TRY(AddStreamsToRestore(streams, container.stdio, inherited));
  options.inherit_fd = inherited.names;
  options.join_ns = inherited.join;
  options.ext_mnt = TRY(MountsToRestore(*container.spec, container.bundle));
  options.root = request.rootfs;
  options.rst_sibling = true;      // our child, not CRIU's
  options.evasive_devices = true;  // any path to the same device will do
  options.notify_scripts = true;
  options.orphan_pts_master = true;
  if (HasNew(container.spec->linux_, "network")) options.empty_ns = CLONE_NEWNET;
  return options;
}

struct Started {
  ImageDirectories directories;
  Criu criu;
};

Result<Started> StartCriu(const CreateRequest& container, const RestoreRequest& request,
                          const Inherited& inherited) {
  RootVisit visit = TRY(RootVisit::Enter(*container.spec, container.bundle, request.rootfs));
  // Opened there: CRIU mounts in them, which no other namespace's mounts allow.
  ImageDirectories directories = TRY(OpenImageDirectories(request.images, kRestoreLog));
  Criu criu = TRY(Criu::Start({.in = container.stdio.in,
                               .out = container.stdio.out,
                               .keep = inherited.numbers(),
                               .cgroup_fd = container.cgroup_fd}));
  TRY(visit.Leave());
  return Started{.directories = std::move(directories), .criu = std::move(criu)};
}

// What CRIU could not undo as it was killed; the first process of a pid namespace takes all in it
// along. It is our child, so the number is still its own.
void EndRest(pid_t pid) {
  if (pid <= 0 || ::kill(pid, SIGKILL) < 0) return;
  ::waitpid(pid, nullptr, 0);
}

}  // namespace

Result<Created> Restore(const CreateRequest& container, const RestoreRequest& request) {
  Inherited inherited;
  CriuOptions options = TRY(OptionsOf(container, request, inherited));
  TRY(MakeMountPoints(*container.spec, container.bundle));
  auto [directories, criu] = TRY(StartCriu(container, request, inherited));
  directories.Tell(options);
  if (container.cgroup_fd >= 0) options.cg_root = TRY(CgroupRoot(criu.pid()));
  Restoration restoration = {.container = container,
                             .terminal_is_due = container.console_socket >= 0};
  const auto response = criu.Do({.type = CriuRequestType::kRestore,
                                 .options = options,
                                 .log = directories.log,
                                 .notified = [&](const CriuNotification& notification) {
                                   return AnswerWhileRestoring(restoration, notification);
                                 }});
  if (!response) {
    EndRest(restoration.pid);
    return response.error();
  }
  return Created{.pid = response->restored, .start = UniqueFd()};
}

}  // namespace berth::runtime
