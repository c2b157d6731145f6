// checkpoint: a container's processes are written to files, from which restore makes it again.
#include <fcntl.h>

#include "base/log.h"
#include "cgroups/freezer.h"
#include "runtime/checkpoint/dump.h"
#include "runtime/cli/checkpoint_options.h"
#include "runtime/cli/lifecycle.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kCheckpointOptions[] = {
    {"image-path", 0, "DIR", "Where the images go (default: checkpoint)"},
    {"work-path", 0, "DIR", "Where CRIU's log goes (default: to the images)"},
    {"parent-path", 0, "DIR", "Images of an earlier --pre-dump, relative to these"},
    {"leave-running", 0, nullptr, "Let the container go on instead of ending it"},
    {"pre-dump", 0, nullptr, "Write its memory alone, and let it go on"},
    {"tcp-established", 0, nullptr, "Also with open TCP connections"},
    {"tcp-skip-in-flight", 0, nullptr, "Leave out TCP connections that are being made"},
    {"ext-unix-sk", 0, nullptr, "Also with Unix sockets that lead out of it"},
    {"shell-job", 0, nullptr, "Also if its session or terminal is the caller's"},
    {"file-locks", 0, nullptr, "Also with locks on files"},
    {"link-remap", 0, nullptr, "Also with open files that have been removed"},
    {"lazy-pages", 0, nullptr, "Serve memory from here, at --page-server, when it is needed"},
    {"page-server", 0, "ADDRESS:PORT", "Send memory to a `criu page-server` there"},
    {"status-fd", 0, "FD", "Gets a zero byte once --lazy-pages is ready"},
    {"manage-cgroups-mode", 0, "MODE", "soft (default), full, strict or ignore"},
    {"network-lock", 0, "METHOD", "iptables (default), nftables or skip"},
    {"empty-ns", 0, "TYPE", "network: leave interfaces out; so it is in any case"},
    {"auto-dedup", 0, nullptr, "Free pages of the parent images that are written anew"},
};

Result<void> CheckIsRunning(const Container& container) {
  const Status status = container.state.status;
  if (status == Status::kRunning || status == Status::kPaused) return {};
  return MakeError("container \"{}\" is {}, not running", container.record.id, Name(status));
}

Result<int> ReadStatusFd(const Arguments& arguments) {
  if (!arguments.Has("status-fd")) return -1;
  const int64_t fd = TRY(arguments.Number("status-fd", -1));
  const int flags = fd > INT32_MAX ? -1 : ::fcntl(static_cast<int>(fd), F_GETFL);
  if (flags < 0) return MakeError("--status-fd {}: is not open", fd);
  if ((flags & O_ACCMODE) == O_RDONLY) return MakeError("--status-fd {}: can't be written", fd);
  return static_cast<int>(fd);
}

Result<void> CheckTogether(const Arguments& arguments) {
  if (arguments.Has("lazy-pages") && !arguments.Has("page-server")) {
    return MakeError("--lazy-pages needs --page-server to say where the memory will be served");
  }
  return {};
}

Result<DumpRequest> ReadDumpRequest(const Arguments& arguments, const Container& container,
                                    const Spec& spec) {
  TRY(CheckTogether(arguments));
  CriuOptions options = TRY(ReadCriuOptions(arguments));
  AddFromContainer(options, spec, container.record.cgroup);
  const int status_fd = TRY(ReadStatusFd(arguments));
  return DumpRequest{
      .kind = arguments.Has("pre-dump") ? DumpKind::kMemory : DumpKind::kAll,
      .options = std::move(options),
      .images = ReadImagePaths(arguments),
      .spec = &spec,
      .init = container.record.pid,
      .rootfs = container.record.rootfs,
      .cgroup = container.record.cgroup.path,
      .streams = container.record.streams,
      .status_fd = status_fd,
  };
}

// CRIU freezes the cgroup, and thaws it unless it was killed.
void GoOn(const Container& container) {
  const std::string& cgroup = container.record.cgroup.path;
  if (container.state.status != Status::kRunning || cgroup.empty()) return;
  if (auto thawed = cgroups::Thaw(cgroup); !thawed) {
    log::Warning("{}", thawed.error().message());
  }
}

Result<int> RunCheckpoint(const Globals& globals, const Arguments& arguments) {
  TRY(CheckIsRoot());
  Container container = TRY(LockContainer(globals, arguments.words()[0]));
  TRY(CheckIsRunning(container));
  const Spec spec = TRY(container.dir.ReadConfig());
  const DumpRequest request = TRY(ReadDumpRequest(arguments, container, spec));
  if (auto dumped = Dump(request); !dumped) {
    GoOn(container);
    return std::move(dumped).error();
  }
  const bool goes_on = request.options.leave_running || request.kind == DumpKind::kMemory;
  if (!goes_on) TRY(RemoveContainer(container.dir, container.record));
  return 0;
}

}  // namespace

const Command kCheckpoint = {.name = "checkpoint",
                             .words = "CONTAINER-ID",
                             .help = "Write a running container to files, and end it",
                             .options = kCheckpointOptions,
                             .order = Order::kAnywhere,
                             .least_words = 1,
                             .most_words = 1,
                             .run = RunCheckpoint};

}  // namespace berth::runtime::cli
