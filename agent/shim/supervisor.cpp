#include "agent/shim/supervisor.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "base/program_pages.h"
#include "base/raw_call.h"

namespace berth::agent::shim {
namespace {

using Phase = ContainerState::Phase;

constexpr std::chrono::seconds kRestAfter{1};

void Earliest(std::optional<TimePoint>& deadline, TimePoint candidate) {
  if (!deadline || candidate < *deadline) deadline = candidate;
}

std::vector<ContainerState> States(const auto& containers) {
  std::vector<ContainerState> states;
  for (const auto& container : containers) states.push_back(container.state);
  return states;
}

Result<UniqueFd> CatchSignals() {
  sigset_t caught;
  ::sigemptyset(&caught);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT}) ::sigaddset(&caught, signal);
  if (::sigprocmask(SIG_BLOCK, &caught, nullptr) < 0) return ErrnoError("sigprocmask");
  UniqueFd fd(::signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return ErrnoError("signalfd");
  return fd;
}

// epoll_wait(2), with next to no memory meanwhile.
int WaitWithoutPages(int epoll, epoll_event* events, int max_events, int timeout) {
  const long count = sys::CallWithoutPages(SYS_epoll_pwait, epoll, sys::Address(events), max_events,
                                           timeout, 0, sizeof(uint64_t));
  if (count >= 0) return static_cast<int>(count);
  errno = static_cast<int>(-count);
  return -1;
}

}  // namespace

Supervisor::Supervisor(TaskPlan plan, EventLoop loop, Journal journal, UniqueFd signals)
    : plan_(std::move(plan)),
      loop_(std::move(loop)),
      journal_(std::move(journal)),
      signals_(std::move(signals)),
      containers_(plan_.containers.size()) {}

Result<std::unique_ptr<Supervisor>> Supervisor::Create(TaskPlan plan) {
  EventLoop loop = TRY(EventLoop::Create());
  Journal journal = TRY(Journal::Open(plan.events));
  UniqueFd signals = TRY(CatchSignals());
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) return ErrnoError("become subreaper");
  std::unique_ptr<Supervisor> supervisor(
      new Supervisor(std::move(plan), std::move(loop), std::move(journal), std::move(signals)));
  TRY(supervisor->loop_.Watch(supervisor->signals_.get(),
                              [raw = supervisor.get()](uint32_t) { raw->TakeSignals(); }));
  return supervisor;
}

Result<void> Supervisor::Run() {
  for (;;) {
    const std::optional<TimePoint> deadline = Advance();
    if (task_status_ == Status::kStopped) return {};
    TRY(Wait(deadline));
  }
}

// Launches, health checks and clients come in bursts. Between them a task may run for months, and
// then its shim keeps in memory what waiting takes, no more.
Result<void> Supervisor::Wait(std::optional<TimePoint> deadline) {
  if (resting_) {
    resting_ = false;
    return loop_.RunOnce(deadline, WaitWithoutPages);
  }
  const TimePoint rest_at = std::chrono::steady_clock::now() + kRestAfter;
  if (deadline && *deadline <= rest_at) return loop_.RunOnce(deadline);
  TRY(loop_.RunOnce(rest_at));
  resting_ = std::chrono::steady_clock::now() >= rest_at;
  return {};
}

std::optional<TimePoint> Supervisor::Advance() {
  const TimePoint now = std::chrono::steady_clock::now();
  std::optional<TimePoint> deadline;
  // In the order of the plan; one container's end can decide another's fate, so until none moves.
  for (bool moved = true; moved;) {
    deadline.reset();
    const auto phases_before = States(containers_);
    for (size_t i = 0; i < containers_.size(); ++i) {
      if (containers_[i].state.phase == Phase::kWaiting) AdvanceWaiting(i, now, deadline);
      if (containers_[i].state.phase == Phase::kRunning) AdvanceRunning(i, now, deadline);
    }
    moved = false;
    for (size_t i = 0; i < containers_.size(); ++i) {
      moved = moved || containers_[i].state.phase != phases_before[i].phase;
    }
  }
  NoteTaskStatus();
  return deadline;
}

void Supervisor::AdvanceWaiting(size_t index, TimePoint now, std::optional<TimePoint>& deadline) {
  if (stop_) return ContainerStopped(index, std::nullopt, "");
  const Readiness readiness = ReadyToStart(plan_, States(containers_), index, now);
  switch (readiness.verdict) {
    case Readiness::Verdict::kNever:
      return ContainerStopped(index, std::nullopt, readiness.reason);
    case Readiness::Verdict::kWait:
      if (readiness.ask_again) Earliest(deadline, *readiness.ask_again);
      return;
    case Readiness::Verdict::kReady:
      if (auto launched = Launch(index); !launched) LaunchEnded(index, launched.error());
      return;
  }
}

void Supervisor::AdvanceRunning(size_t index, TimePoint now, std::optional<TimePoint>& deadline) {
  Container& container = containers_[index];
  if (!stop_) return AdvanceHealth(index, now, deadline);
  if (!container.stop_sent && ReadyToStop(plan_, States(containers_), index)) {
    const ContainerPlan& plan = plan_.containers[index];
    const auto patience =
        stop_->timeout ? std::chrono::seconds(*stop_->timeout) : plan.stop_timeout;
    ::kill(container.pid, plan.stop_signal);
    container.stop_sent = true;
    container.kill_at = now + patience;
  }
  if (!container.kill_at) return;
  if (now < *container.kill_at) return Earliest(deadline, *container.kill_at);
  ::kill(container.pid, SIGKILL);
  container.kill_at = now + std::chrono::seconds(1);  // a second look, if it can't die yet
  Earliest(deadline, *container.kill_at);
}

void Supervisor::NoteTaskStatus() {
  bool all_stopped = true;
  bool all_started = true;
  for (const Container& container : containers_) {
    const Phase phase = container.state.phase;
    all_stopped = all_stopped && phase == Phase::kStopped;
    all_started = all_started && (phase == Phase::kRunning || phase == Phase::kStopped);
  }
  if (all_stopped) {
    task_status_ = Status::kStopped;
    const Stop why = stop_.value_or(Stop{.code = "EssentialContainerExited"});
    Record({.status = Status::kStopped, .stop_code = why.code, .reason = why.reason});
  } else if (all_started && !stop_ && task_status_ == Status::kPending) {
    task_status_ = Status::kRunning;
    Record({.status = Status::kRunning});
  }
}

void Supervisor::StopTask(std::string stop_code, std::string reason,
                          std::optional<int> stop_timeout) {
  if (!stop_) stop_ = Stop{.code = std::move(stop_code), .reason = std::move(reason)};
  if (!stop_timeout) return;
  stop_->timeout = stop_timeout;
  // Also for those whose longer wait has begun.
  const TimePoint limit = std::chrono::steady_clock::now() + std::chrono::seconds(*stop_timeout);
  for (Container& container : containers_) {
    if (container.kill_at) container.kill_at = std::min(*container.kill_at, limit);
  }
}

void Supervisor::TakeSignals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo != SIGCHLD)
      StopTask("UserInitiated", "Task stopped by a signal to its shim");
  }
  ReapChildren();
}

void Supervisor::ReapChildren() {
  int status = 0;
  for (size_t i = 0; i < containers_.size(); ++i) {
    if (containers_[i].state.phase != Phase::kRunning) continue;
    if (::waitpid(containers_[i].pid, &status, WNOHANG) == containers_[i].pid) {
      ContainerEnded(i, ExitStatus::FromWait(status));
    }
  }
  for (size_t i = 0; i < execs_.size();) {
    if (::waitpid(execs_[i].pid, &status, WNOHANG) != execs_[i].pid) {
      ++i;
      continue;
    }
    const auto exited = std::move(execs_[i].exited);
    execs_.erase(execs_.begin() + static_cast<ptrdiff_t>(i));
    exited(ExitStatus::FromWait(status));
  }
  // What containers in the host's pid namespace left behind comes to us as well. While a launcher
  // is at work an unknown child may be the container that it is about to report.
  if (launches_at_work_ > 0) return;
  for (siginfo_t info = {}; ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;) {
    const auto known = [&](pid_t pid) {
      return std::any_of(containers_.begin(), containers_.end(),
                         [&](const Container& container) {
                           return container.state.phase == Phase::kRunning && container.pid == pid;
                         }) ||
             std::any_of(execs_.begin(), execs_.end(),
                         [&](const ExecProcess& exec) { return exec.pid == pid; });
    };
    // A known one has ended since it was looked at above: its own SIGCHLD is on the way.
    if (info.si_pid == 0 || known(info.si_pid)) return;
    ::waitpid(info.si_pid, nullptr, 0);
  }
}

void Supervisor::WatchLaunch(shim::Launch launch, std::function<void(Result<pid_t>)> done) {
  ++launches_at_work_;
  const int report = launch.report.get();
  const auto held = std::make_shared<shim::Launch>(std::move(launch));
  const auto finish = [this, held, done = std::move(done), report](uint32_t) {
    loop_.Unwatch(report);
    auto outcome = FinishLaunch(std::move(*held));
    --launches_at_work_;
    done(std::move(outcome));
    // It may have ended before we knew of it.
    ReapChildren();
  };
  if (!loop_.Watch(report, finish)) finish(0);
}

void Supervisor::Record(Event event) {
  event.time = Now();
  const auto written = journal_.Append(event);
  // The task goes on even so: a full disk must not end it. Readers see what the file still has.
  if (!written) log::Error("{}", written.error().message());
  TellNews();
}

Result<size_t> Supervisor::FindRunning(std::string_view name) const {
  for (size_t i = 0; i < containers_.size(); ++i) {
    if (plan_.containers[i].name != name) continue;
    if (containers_[i].state.phase == Phase::kRunning) return i;
    return MakeError("container {} is not running", name);
  }
  return MakeError("the task has no container {}", name);
}

Result<void> Supervisor::Exec(size_t index, const Request& request, const LaunchStdio& stdio,
                              ExecHandlers handlers) {
  shim::Launch launch =
      TRY(LaunchExec(plan_, plan_.containers[index], containers_[index].pid, request, stdio));
  WatchLaunch(std::move(launch), [this, handlers = std::move(handlers)](Result<pid_t> outcome) {
    if (outcome) execs_.push_back({.pid = *outcome, .exited = handlers.exited});
    handlers.started(std::move(outcome));
  });
  return {};
}

}  // namespace berth::agent::shim
