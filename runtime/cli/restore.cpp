// restore: a container out of the files of a checkpoint.
#include "runtime/checkpoint/restore.h"

#include "base/log.h"
#include "runtime/cli/checkpoint_options.h"
#include "runtime/cli/foreground.h"
#include "runtime/cli/lifecycle.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kRestoreOptions[] = {
    {"image-path", 0, "DIR", "Where the images are (default: checkpoint)"},
    {"work-path", 0, "DIR", "Where CRIU's log goes (default: to the images)"},
    {"bundle", 'b', "DIR", "Directory with config.json (default: the current one)"},
    {"detach", 'd', nullptr, "Leave the container to itself once it runs"},
    {"pid-file", 0, "FILE", "File to write the process id to"},
    {"console-socket", 0, "PATH", "Socket that gets the terminal's master side"},
    {"tcp-established", 0, nullptr, "Also with open TCP connections"},
    {"tcp-close", 0, nullptr, "Close the TCP connections that were open"},
    {"ext-unix-sk", 0, nullptr, "Also with Unix sockets that lead out of it"},
    {"shell-job", 0, nullptr, "Also if its session or terminal was the caller's"},
    {"file-locks", 0, nullptr, "Also with locks on files"},
    {"lazy-pages", 0, nullptr, "Fetch memory when it is needed, from a `criu lazy-pages`"},
    {"manage-cgroups-mode", 0, "MODE", "soft (default), full, strict or ignore"},
    {"network-lock", 0, "METHOD", "iptables (default), nftables or skip"},
    {"empty-ns", 0, "TYPE", "network: leave interfaces out; so it is in any case"},
    {"auto-dedup", 0, nullptr, "Free pages of the images once they are read"},
    {"lsm-profile", 0, "TYPE:NAME", "Profile of AppArmor or label of SELinux to run under"},
    {"lsm-mount-context", 0, "LABEL", "SELinux label of its mounts"},
    {"no-pivot", 0, nullptr, "Accepted for runc's sake: CRIU decides"},
    {"no-subreaper", 0, nullptr, "Accepted for runc's sake: processes are never adopted"},
};

Result<Container> RestoreContainer(const Globals& globals, CreateOptions create,
                                   const Arguments& arguments) {
  RestoreRequest request = {.options = TRY(ReadCriuOptions(arguments)),
                            .images = ReadImagePaths(arguments)};
  create.starter = Starter::kCreator;
  create.make = [&](const CreateRequest& container, const Record& record) {
    request.rootfs = record.rootfs;
    AddFromContainer(request.options, *container.spec, record.cgroup);
    return Restore(container, request);
  };
  Container container = TRY(CreateContainer(globals, create));
  container.dir.Unlock();
  return container;
}

Result<int> RestoreForeground(const Globals& globals, CreateOptions create,
                              const Arguments& arguments) {
  Foreground foreground = TRY(Foreground::Prepare());
  if (create.console_socket.empty()) {
    create.make_console = [&] { return foreground.MakeConsole(); };
  }
  Container container = TRY(RestoreContainer(globals, std::move(create), arguments));
  auto attached = foreground.Attach(container.record.pid);
  const auto status = attached ? foreground.Wait() : Result<ExitStatus>(attached.error());
  if (status) container.record.pid = 0;  // reaped
  auto removed = RemoveEnded(container);
  if (!status && !removed) log::Warning("{}", removed.error().message());
  const int code = TRY(status).code;
  TRY(std::move(removed));
  return code;
}

Result<int> RunRestore(const Globals& globals, const Arguments& arguments) {
  TRY(CheckIsRoot());
  CreateOptions create = {.id = arguments.words()[0],
                          .bundle = arguments.Value("bundle", "."),
                          .pid_file = arguments.Value("pid-file"),
                          .console_socket = arguments.Value("console-socket")};
  if (!arguments.Has("detach")) return RestoreForeground(globals, std::move(create), arguments);
  TRY(RestoreContainer(globals, std::move(create), arguments));
  return 0;
}

}  // namespace

const Command kRestore = {.name = "restore",
                          .words = "CONTAINER-ID",
                          .help = "Make a container out of the files of a checkpoint",
                          .options = kRestoreOptions,
                          .order = Order::kAnywhere,
                          .least_words = 1,
                          .most_words = 1,
                          .run = RunRestore};

}  // namespace berth::runtime::cli
