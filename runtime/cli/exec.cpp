// exec: another program in a running container.
#include <unistd.h>

#include "base/files.h"
#include "runtime/cli/container_cgroup.h"
#include "runtime/cli/create_options.h"
#include "runtime/cli/exec_process.h"
#include "runtime/cli/foreground.h"
#include "runtime/cli/sockets.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kExecOptions[] = {
    {"process", 'p', "FILE", "The process as JSON, instead of options and words"},
    {"cwd", 0, "DIR", "Working directory"},
    {"env", 'e', "NAME=VALUE", "Added to the container's environment; repeatable"},
    {"tty", 't', nullptr, "Give it a terminal"},
    {"user", 'u', "UID[:GID]", "Who it runs as"},
    {"additional-gids", 'g', "GID", "Added to its groups; repeatable"},
    {"cap", 'c', "NAME", "Added to its capabilities; repeatable"},
    {"no-new-privs", 0, nullptr, "Set no_new_privs"},
    {"apparmor", 0, "PROFILE", "AppArmor profile"},
    {"process-label", 0, "LABEL", "SELinux label"},
    {"cgroup", 0, "PATH", "Cgroup below the container's to run in"},
    {"detach", 'd', nullptr, "Leave it to itself once it runs"},
    {"pid-file", 0, "FILE", "File to write its process id to"},
    {"console-socket", 0, "PATH", "Socket that gets the terminal's master side"},
    {"pidfd-socket", 0, "PATH", "Socket that gets a pidfd of it"},
    {"preserve-fds", 0, "N", "Pass N descriptors from 3 up on to it"},
    {"ignore-paused", 0, nullptr, "Also in a paused container, to run once that is resumed"},
    {"no-subreaper", 0, nullptr, "Accepted for runc's sake"},
};

Result<void> CheckState(const Container& container, const Arguments& arguments) {
  const Status status = container.state.status;
  if (status == Status::kRunning || status == Status::kCreated) return {};
  if (status == Status::kPaused) {
    if (arguments.Has("ignore-paused")) return {};
    return MakeError("container \"{}\" is paused: resume it, or use --ignore-paused",
                     container.record.id);
  }
  return MakeError("container not running: \"{}\" is {}", container.record.id, Name(status));
}

Result<int> RunExec(const Globals& globals, const Arguments& arguments) {
  const Container container = TRY(FindContainer(globals, arguments.words()[0]));
  TRY(CheckState(container, arguments));
  const Spec spec = TRY(container.dir.ReadConfig());
  Process process = TRY(ProcessToExecute(spec, arguments));
  const PassedFds fds = TRY(FdsToPass(arguments));
  NameFds(fds, process.env);
  const bool detach = arguments.Has("detach");
  const std::string console_path = arguments.Value("console-socket");
  if (process.terminal && detach && console_path.empty()) {
    return MakeError("a terminal and --detach need --console-socket to hand it over");
  }
  UniqueFd console;
  if (process.terminal && !console_path.empty()) {
    console = TRY(ConnectTo(console_path).Context("--console-socket"));
  }
  const auto cgroup = TRY(OpenCgroupForExec(container.record, arguments.Value("cgroup")));
  std::optional<Foreground> foreground;
  if (!detach) foreground.emplace(TRY(Foreground::Prepare()));
  int console_fd = console.get();
  if (process.terminal && !console && foreground) console_fd = TRY(foreground->MakeConsole());
  const pid_t pid = TRY(Exec({.init = container.record.pid,
                              .process = &process,
                              .spec = &spec,
                              .stdio = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO},
                              .console_socket = console_fd,
                              .cgroup_fd = cgroup ? cgroup->fd() : -1,
                              .seccomp_cache = globals.root + "/.seccomp",
                              .preserve_fds = fds.all,
                              .listen_fds = fds.listening}));
  if (foreground) TRY(foreground->Attach(pid));
  if (arguments.Has("pidfd-socket")) {
    const std::string path = arguments.Value("pidfd-socket");
    TRY(SendPidfd(path, pid).Context("--pidfd-socket {}", path));
  }
  if (arguments.Has("pid-file")) {
    TRY(ReplaceFile(arguments.Value("pid-file"), std::to_string(pid)).Context("--pid-file"));
  }
  return foreground ? TRY(foreground->Wait()).code : 0;
}

}  // namespace

const Command kExec = {.name = "exec",
                       .words = "CONTAINER-ID PROGRAM [ARGUMENT...]",
                       .help = "Run another program in a running container",
                       .options = kExecOptions,
                       .order = Order::kOptionsFirst,
                       .least_words = 1,
                       .most_words = kAnyNumber,
                       .run = RunExec};

}  // namespace berth::runtime::cli
