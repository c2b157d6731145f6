// Supervisor: the health checks of its containers.
#include <signal.h>
#include <unistd.h>

#include "agent/shim/supervisor.h"
#include "base/sys.h"

namespace berth::agent::shim {
namespace {

// As much of a check's output as is kept for its report (Docker keeps 4096 bytes).
constexpr size_t kMostOutput = 4096;

}  // namespace

void Supervisor::AdvanceHealth(size_t index, TimePoint now, std::optional<TimePoint>& deadline) {
  Container& container = containers_[index];
  if (!container.health) return;
  if (container.health->CheckIsDue(now)) StartHealthCheck(index, now);
  if (container.health->CheckIsOverdue(now)) {
    container.health_output = "the check took longer than its timeout";
    EndHealthCheck(container);
    HealthCheckEnded(index, HealthMonitor::Outcome::kFailed);
  }
  const TimePoint next = container.health->Deadline();
  if (!deadline || next < *deadline) deadline = next;
}

void Supervisor::StartHealthCheck(size_t index, TimePoint now) {
  Container& container = containers_[index];
  container.health->CheckBegan(now);
  container.health_output.clear();
  const int number = ++container.health_number;
  // A check that was given up may still report; only the latest one is listened to.
  const auto current = [&container, number] {
    return container.health_number == number && container.health.has_value();
  };
  const auto fail = [this, index, &container](std::string_view why) {
    container.health_output = why;
    HealthCheckEnded(index, HealthMonitor::Outcome::kFailed);
  };
  auto pipe = sys::Pipe();
  if (!pipe) return fail(pipe.error().message());
  auto pump = OutputPump::Start(
      loop_, std::move(pipe->first),
      [&container](std::string_view output) {
        container.health_output += output.substr(0, kMostOutput - container.health_output.size());
      },
      [] {});
  if (!pump) return fail(pump.error().message());
  container.health_pump = std::move(*pump);

  const Request request = {.kind = Request::Kind::kExec,
                           .args = plan_.containers[index].health_check->args};
  const LaunchStdio stdio = {.out = pipe->second.get(), .err = pipe->second.get()};
  auto started = [&container, current, fail](Result<pid_t> pid) {
    if (!current()) {
      if (pid) ::kill(*pid, SIGKILL);
    } else if (pid) {
      container.health_pid = *pid;
    } else {
      fail(pid.error().message());
    }
  };
  auto exited = [this, index, &container, current](ExitStatus status) {
    if (!current()) return;
    container.health_pid = -1;
    if (container.health_pump) container.health_pump->Drain();
    HealthCheckEnded(index, status.code == 0 ? HealthMonitor::Outcome::kPassed
                                             : HealthMonitor::Outcome::kFailed);
  };
  auto launched =
      Exec(index, request, stdio, {.started = std::move(started), .exited = std::move(exited)});
  if (!launched) fail(launched.error().message());
}

void Supervisor::HealthCheckEnded(size_t index, HealthMonitor::Outcome outcome) {
  Container& container = containers_[index];
  container.health_pump.reset();
  const auto changed = container.health->CheckEnded(outcome, std::chrono::steady_clock::now());
  if (!changed) return;
  container.state.health = *changed;
  Record({.container = plan_.containers[index].name,
          .health = *changed,
          .reason = container.health_output});
  // ECS: a task whose essential container has become unhealthy is stopped by its scheduler; alone
  // it is reported and runs on.
}

void Supervisor::EndHealthCheck(Container& container) {
  ++container.health_number;
  container.health_pump.reset();
  if (container.health_pid > 0) ::kill(container.health_pid, SIGKILL);
  container.health_pid = -1;
}

}  // namespace berth::agent::shim
