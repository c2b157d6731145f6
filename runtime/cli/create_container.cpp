#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/log.h"
#include "base/pidfd.h"
#include "base/steps.h"
#include "base/sys.h"
#include "runtime/checkpoint/outside.h"
#include "runtime/cli/container_cgroup.h"
#include "runtime/cli/create_options.h"
#include "runtime/cli/lifecycle.h"
#include "runtime/cli/notify.h"
#include "runtime/cli/sockets.h"
#include "runtime/hooks/hooks.h"
#include "runtime/mounts/root.h"
#include "runtime/spec/spec_parse.h"

namespace berth::runtime::cli {
namespace {

// As realpath(3) has it, which looks at each name of the path by itself.
Result<std::string> RealPath(const std::string& path) {
  const UniqueFd there(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!there) return ErrnoError("{}", path);
  return sys::PathOf(there.get());
}

constexpr Stdio kStdio = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};

// One creation, from the request to the container that waits.
struct Creation {
  const Globals* globals;
  const CreateOptions* options;
  std::string config;  // the bytes of config.json
  Spec spec;
  Record record;
  StateDir* dir = nullptr;
  UniqueFd console;
  int console_fd = -1;  // that, or one that was given
  ContainerCgroup cgroup;
  UniqueFd listener;
  Created created;
};

Result<void> Claim(Creation& creation) { return creation.dir->WriteConfig(creation.config); }

Result<void> ConnectConsole(Creation& creation) {
  const CreateOptions& options = *creation.options;
  const bool given = !options.console_socket.empty() || options.make_console;
  const bool terminal = creation.spec.process.terminal;
  if (terminal && !given) {
    return MakeError("process.terminal is true, so --console-socket is needed to hand it over");
  }
  if (!terminal && !options.console_socket.empty()) {
    return MakeError("--console-socket is given, but process.terminal is not true");
  }
  if (!options.console_socket.empty()) {
    creation.console = TRY(
        ConnectTo(options.console_socket).Context("--console-socket {}", options.console_socket));
    creation.console_fd = creation.console.get();
  } else if (terminal) {
    creation.console_fd = TRY(options.make_console());
  }
  return {};
}

Result<void> Notify(Creation& creation) { return OfferNotifySocket(*creation.dir, creation.spec); }

Result<void> WriteDown(Creation& creation) { return creation.dir->WriteRecord(creation.record); }

Result<void> Listen(Creation& creation) {
  if (creation.options->starter == Starter::kCreator) return {};
  creation.listener = TRY(creation.dir->Listen());
  return {};
}

CreateRequest RequestOf(const Creation& creation) {
  const CreateOptions& options = *creation.options;
  return {.id = options.id,
          .spec = &creation.spec,
          .bundle = creation.record.bundle,
          .stdio = kStdio,
          .console_socket = creation.console_fd,
          .cgroup_fd = creation.cgroup.fd(),
          .seccomp_cache = creation.globals->root + "/.seccomp",
          .start_socket = creation.listener.get(),
          .preserve_fds = options.fds.all,
          .listen_fds = options.fds.listening,
          .keyring = options.keyring,
          .pivot = options.pivot};
}

Result<void> Cgroup(Creation& creation) {
  const auto make_from_inside = [&] {
    CreateRequest request = RequestOf(creation);
    request.parent = Parent::kCallersParent;
    return Create(request);
  };
  creation.cgroup =
      TRY(MakeCgroup(*creation.globals, creation.spec, creation.record.cgroup, make_from_inside));
  return {};
}

// From here on the container is found by its record.
Result<void> WriteProcessDown(Creation& creation, pid_t pid) {
  creation.record.pid = pid;
  creation.record.start_time = TRY(ProcessStartTime(pid));
  TRY(creation.dir->WriteRecord(creation.record));
  return FaultPoint("create", "process-written-down");
}

Result<Created> CreateFromHere(Creation& creation) {
  CreateRequest request = RequestOf(creation);
  request.on_birth = [&](pid_t pid) { return WriteProcessDown(creation, pid); };
  const auto& make = creation.options->make;
  return make ? make(request, creation.record) : Create(request);
}

Result<void> Launch(Creation& creation) {
  auto& launcher = creation.cgroup.launcher;
  const bool from_inside = launcher.has_value();
  auto created = from_inside ? launcher->Launch() : CreateFromHere(creation);
  DropPlaceholder(creation.cgroup);
  creation.created = TRY(std::move(created));
  return from_inside ? WriteProcessDown(creation, creation.created.pid) : Result<void>();
}

Result<void> TellPidfd(Creation& creation) {
  const std::string& receiver = creation.spec.extensions.pidfd_receiver;
  for (const std::string& path : {creation.options->pidfd_socket, receiver}) {
    if (!path.empty()) TRY(SendPidfd(path, creation.created.pid).Context("pidfd to {}", path));
  }
  return {};
}

Result<void> PidFile(Creation& creation) {
  const std::string& path = creation.options->pid_file;
  if (path.empty()) return {};
  return ReplaceFile(path, std::to_string(creation.created.pid)).Context("--pid-file");
}

// The container's process has a part in the lock, and must not keep it when we are gone.
Result<void> Release(Creation& creation) {
  if (creation.options->starter == Starter::kCreator) return {};
  TRY(creation.dir->OpenToStart());
  creation.dir->Unlock();
  return Keep(creation.created);
}

constexpr Step<Creation> kSteps[] = {
    {"claim", Claim},
    {"notify", Notify},
    {"console", ConnectConsole},
    {"write-down", WriteDown},
    {"listen", Listen},
    {"cgroup", Cgroup},  // after all that a launcher needs
    {"launch", Launch},
    {"pidfd", TellPidfd},
    {"pid-file", PidFile},
    {"release", Release},
};

Result<void> ReadBundle(Creation& creation) {
  const CreateOptions& options = *creation.options;
  Record& record = creation.record;
  record.id = options.id;
  record.bundle = TRY(RealPath(options.bundle).Context("--bundle"));
  const std::string path = options.config.empty() ? record.bundle + "/config.json" : options.config;
  creation.config = TRY(ReadFile(path));
  creation.spec = TRY(ParseSpec(creation.config).Context("{}", path));
  NameFds(options.fds, creation.spec.process.env);
  record.rootfs = TRY(RealPath(InBundle(record.bundle, creation.spec.root.path)).Context("root"));
  record.created = Now();
  record.owner = ::geteuid();
  record.annotations = creation.spec.annotations;
  if (!creation.spec.process.terminal) record.streams = TRY(DescribeStreams(kStdio));
  const Hooks& hooks = creation.spec.hooks;
  record.late_hooks = !hooks.poststart.empty() || !hooks.poststop.empty() ||
                      creation.spec.linux_.intelRdt.has_value();
  record.cgroup = TRY(PlanCgroup(*creation.globals, creation.spec, options.id));
  return {};
}

// The child may have been made, and waits: it ends with its end of the socket.
void Undo(Creation& creation) {
  DropPlaceholder(creation.cgroup);
  creation.created.start.Reset();
  if (creation.created.pid > 0) {
    ::kill(creation.created.pid, SIGKILL);  // our child, not reaped yet
    ::waitpid(creation.created.pid, nullptr, 0);
  }
  creation.record.pid = 0;
  if (auto removed = RemoveContainer(*creation.dir, creation.record); !removed) {
    log::Warning("{}", removed.error().message());
  }
}

}  // namespace

Result<Container> CreateContainer(const Globals& globals, const CreateOptions& options) {
  TRY(CheckId(options.id));
  Creation creation = {.globals = &globals, .options = &options};
  TRY(ReadBundle(creation));
  StateDir dir = TRY(StateDir::Make(globals.root, options.id));
  creation.dir = &dir;
  auto made = RunSteps<Creation>("create", kSteps, creation, StepNames::kUntold);
  if (!made) {
    Undo(creation);
    return std::move(made).error();
  }
  ContainerState state = {.id = options.id,
                          .status = Status::kCreated,
                          .pid = creation.record.pid,
                          .bundle = creation.record.bundle,
                          .annotations = creation.record.annotations};
  return Container{.dir = std::move(dir),
                   .record = std::move(creation.record),
                   .state = std::move(state),
                   .start = std::move(creation.created.start)};
}

}  // namespace berth::runtime::cli
