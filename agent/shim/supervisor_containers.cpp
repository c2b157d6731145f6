// Supervisor: how a container starts and what its end means.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/shim/supervisor.h"
#include "base/fd_passing.h"
#include "base/log.h"
#include "base/sys.h"
#include "cgroups/cgroup.h"

namespace berth::agent::shim {
namespace {

using Phase = ContainerState::Phase;

cgroups::Hierarchy HierarchyOf(const TaskPlan& plan) {
  return {.kind = cgroups::HierarchyKind::kUnified, .mount_point = plan.cgroup_mount};
}

// What the container left running is ended: with the host's pid namespace its own end does not do
// it. Answers how many of the cgroup's processes the kernel's OOM killer has ended until now.
uint64_t SweepCgroup(const TaskPlan& plan, const ContainerPlan& container) {
  if (container.cgroup.empty()) return 0;
  const auto cgroup = cgroups::Cgroup::Open(HierarchyOf(plan), container.cgroup);
  if (!cgroup) return 0;
  const auto killed = cgroup->Kill();
  if (!killed) log::Error("{}: {}", container.name, killed.error().message());
  return cgroup->OomKills().ValueOr(0);
}

// As shells and Docker count a program that can't be executed; nothing for other failures.
std::optional<int> ExecFailureCode(const Error& error) {
  if (!error.message().starts_with("exec ")) return std::nullopt;
  return error.Is(ENOENT) ? 127 : 126;
}

}  // namespace

Result<LaunchStdio> Supervisor::OpenOutput(size_t index, std::vector<UniqueFd>& child_ends) {
  Container& container = containers_[index];
  const ContainerPlan& plan = plan_.containers[index];
  LaunchStdio stdio;
  container.pumps.clear();
  container.log.reset();
  if (!plan.log.empty()) {
    container.log = TRY(logs::JsonLog::Open(
        {.path = plan.log, .max_size = plan.log_max_size, .max_files = plan.log_max_files}));
  }
  if (plan.open_stdin) {
    auto [read_end, write_end] = TRY(sys::Pipe());
    container.stdin_keeper = std::move(write_end);
    stdio.in = child_ends.emplace_back(std::move(read_end)).get();
  }
  for (const logs::Stream stream : {logs::Stream::kStdout, logs::Stream::kStderr}) {
    auto [read_end, write_end] = TRY(sys::Pipe());
    (stream == logs::Stream::kStdout ? stdio.out : stdio.err) =
        child_ends.emplace_back(std::move(write_end)).get();
    TRY(PumpToLog(index, stream, std::move(read_end)));
  }
  if (plan.terminal) {
    auto [ours, theirs] = TRY(sys::SocketPair(SOCK_STREAM));
    stdio.console_socket = child_ends.emplace_back(std::move(theirs)).get();
    container.console = std::move(ours);
  }
  return stdio;
}

Result<void> Supervisor::PumpToLog(size_t index, logs::Stream stream, UniqueFd from) {
  Container& container = containers_[index];
  const auto written = [this, name = plan_.containers[index].name](const Result<void>& done) {
    if (!done) log::Error("log of {}: {}", name, done.error().message());
    TellNews();
  };
  container.pumps.push_back(TRY(OutputPump::Start(
      loop_, std::move(from),
      [&container, stream, written](std::string_view output) {
        if (container.log) written(container.log->Write(stream, output));
      },
      [&container, stream, written] {
        if (container.log) written(container.log->Flush(stream));
      })));
  return {};
}

Result<void> Supervisor::Launch(size_t index) {
  Container& container = containers_[index];
  container.state.phase = Phase::kLaunching;
  std::vector<UniqueFd> child_ends;
  const LaunchStdio stdio = TRY(OpenOutput(index, child_ends));
  shim::Launch launch = TRY(LaunchContainer(plan_, plan_.containers[index], stdio));
  WatchLaunch(std::move(launch),
              [this, index](Result<pid_t> outcome) { LaunchEnded(index, std::move(outcome)); });
  return {};
}

void Supervisor::LaunchEnded(size_t index, Result<pid_t> outcome) {
  Container& container = containers_[index];
  if (!outcome) {
    return ContainerStopped(index, ExecFailureCode(outcome.error()),
                            "CannotStartContainerError: " + outcome.error().message());
  }
  if (container.console) {
    // The master came while the container was made; nobody else sends on this socket.
    auto message = ReceiveMessage(container.console.get(), 4096);
    if (message && !message->fds.empty()) {
      const auto pumped = PumpToLog(index, logs::Stream::kStdout, std::move(message->fds.front()));
      if (!pumped) log::Error("terminal: {}", pumped.error().message());
    }
    container.console.Reset();
  }
  const TimePoint now = std::chrono::steady_clock::now();
  container.pid = *outcome;
  container.state.phase = Phase::kRunning;
  container.state.started = now;
  container.state.exit_code.reset();
  container.state.health = Health::kUnknown;
  container.health.reset();
  if (plan_.containers[index].health_check) {
    container.health.emplace(*plan_.containers[index].health_check, now);
  }
  Record({.container = plan_.containers[index].name,
          .status = Status::kRunning,
          .pid = container.pid,
          .restart_count = container.restarts});
  NoteTaskStatus();  // now: the container may have ended already, which is learnt next
}

void Supervisor::ContainerEnded(size_t index, ExitStatus status) {
  Container& container = containers_[index];
  for (const auto& pump : container.pumps) pump->Drain();
  EndHealthCheck(container);
  // As Docker has it, whichever of the container's processes it was. A restart starts anew.
  const uint64_t oom_kills = SweepCgroup(plan_, plan_.containers[index]);
  const bool out_of_memory = oom_kills > std::exchange(container.oom_kills, oom_kills);
  if (MayRestart(index, status.code)) {
    ++container.restarts;
    Record({.container = plan_.containers[index].name,
            .status = Status::kPending,
            .exit_code = status.code,
            .restart_count = container.restarts});
    container.state.phase = Phase::kWaiting;
    if (auto launched = Launch(index); !launched) LaunchEnded(index, launched.error());
    return;
  }
  ContainerStopped(index, status.code,
                   out_of_memory ? "OutOfMemoryError: Container killed due to memory usage" : "");
}

bool Supervisor::MayRestart(size_t index, int exit_code) const {
  const std::optional<RestartPlan>& restart = plan_.containers[index].restart;
  if (!restart || stop_) return false;
  const auto& ignored = restart->ignored_exit_codes;
  if (std::find(ignored.begin(), ignored.end(), exit_code) != ignored.end()) return false;
  const auto ran = std::chrono::steady_clock::now() - *containers_[index].state.started;
  return ran >= restart->attempt_period;
}

void Supervisor::ContainerStopped(size_t index, std::optional<int> exit_code, std::string reason) {
  Container& container = containers_[index];
  const ContainerPlan& plan = plan_.containers[index];
  container.state.phase = Phase::kStopped;
  container.state.exit_code = exit_code;
  container.kill_at.reset();
  container.stdin_keeper.Reset();
  container.console.Reset();
  Record({.container = plan.name,
          .status = Status::kStopped,
          .exit_code = exit_code,
          .reason = reason,
          .restart_count = container.restarts});
  if (!plan.essential || stop_) return;
  const bool failed_to_start = !container.state.started;
  StopTask(failed_to_start ? "TaskFailedToStart" : "EssentialContainerExited",
           reason.empty() || !failed_to_start ? "Essential container in task exited" : reason);
}

}  // namespace berth::agent::shim
