// kill: a signal to a container's first process, or to all of it (runtime.md, "Kill").
#include <signal.h>

#include "base/pidfd.h"
#include "runtime/cli/container_cgroup.h"
#include "runtime/cli/matching.h"
#include "runtime/cli/signals.h"

namespace berth::runtime::cli {
namespace {

constexpr Option kKillOptions[] = {
    {"all", 'a', nullptr, "Send it to all processes of the container"},
    {"regex", 'r', nullptr, "All containers whose id matches this extended regular expression"},
};

Result<void> SignalFirst(const Container& container, int signal) {
  const auto gone = [&] {
    return MakeError("container not running: \"{}\" is stopped", container.record.id);
  };
  if (container.state.status == Status::kStopped) return gone();
  // Held before its start time is compared again: the number may have become somebody else's.
  auto process = Pidfd::Open(container.record.pid);
  if (!process) return gone();
  const uint64_t started = ProcessStartTime(container.record.pid).ValueOr(0);
  if (started != container.record.start_time) return gone();
  return process->Signal(signal);
}

// Also of a container whose first process has ended and left others behind.
Result<void> SignalAll(const Container& container, int signal) {
  const auto cgroup = TRY(OpenCgroup(container.record.cgroup));
  if (!cgroup) return SignalFirst(container, signal);
  if (signal == SIGKILL) return cgroup->Kill();
  for (const pid_t pid : TRY(cgroup->Processes())) {
    if (::kill(pid, signal) < 0 && errno != ESRCH) return ErrnoError("kill {}", pid);
  }
  return {};
}

Result<void> Kill(const Globals& globals, const std::string& id, int signal, bool all) {
  const Container container = TRY(FindContainer(globals, id));
  return all ? SignalAll(container, signal) : SignalFirst(container, signal);
}

Result<int> RunKill(const Globals& globals, const Arguments& arguments) {
  const auto& words = arguments.words();
  const int signal = TRY(ParseSignal(words.size() > 1 ? words[1] : "TERM"));
  const bool all = arguments.Has("all");
  if (!arguments.Has("regex")) {
    TRY(Kill(globals, words[0], signal, all));
    return 0;
  }
  for (const std::string& id : TRY(IdsMatching(globals, words[0]))) {
    TRY(Kill(globals, id, signal, all));
  }
  return 0;
}

}  // namespace

const Command kKill = {.name = "kill",
                       .words = "CONTAINER-ID [SIGNAL]",
                       .help = "Send a signal (default: TERM) to a container",
                       .options = kKillOptions,
                       .order = Order::kAnywhere,
                       .least_words = 1,
                       .most_words = 2,
                       .run = RunKill};

}  // namespace berth::runtime::cli
