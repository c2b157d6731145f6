// Supervisor: the life of one task, from its plan to the last container's end.
//
//   kWaiting --dependencies met--> kLaunching --launcher reports--> kRunning --reaped--> kStopped
//      |                               |                               ^                   |
//      +--never met, task stopping-----+--launch failed--> kStopped    +--restart policy---+
//
// One function, Advance, looks at every container after whatever happened and does what is due; the
// handlers of events only note what they saw. It is single-threaded and level-triggered: calling
// Advance once too often changes nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/shim/dependencies.h"
#include "agent/shim/health_monitor.h"
#include "agent/shim/journal.h"
#include "agent/shim/launcher.h"
#include "agent/shim/output_pump.h"
#include "agent/shim/plan.h"
#include "base/event_loop.h"
#include "base/result.h"

namespace berth::agent::shim {

class Supervisor {
 public:
  /// Blocks SIGCHLD and SIGTERM and takes them by signalfd(2); becomes the subreaper of what its
  /// containers leave behind.
  static Result<std::unique_ptr<Supervisor>> Create(TaskPlan plan);

  /// Starts the task and returns when all of its containers have stopped.
  Result<void> Run();

  EventLoop& loop() { return loop_; }
  const TaskPlan& plan() const { return plan_; }

  /// Stops the task, dependants first. The first call's code and reason stand.
  void StopTask(std::string stop_code, std::string reason, std::optional<int> stop_timeout = {});

  /// `handler` is called whenever the journal or a log has grown.
  void OnNews(std::function<void()> handler) { news_ = std::move(handler); }

  /// The index of a running container of that name.
  Result<size_t> FindRunning(std::string_view name) const;
  /// Starts a process in a running container; `exited` is called once it has ended, `started` when
  /// it runs or why it does not.
  struct ExecHandlers {
    std::function<void(Result<pid_t>)> started;
    std::function<void(ExitStatus)> exited;
  };
  Result<void> Exec(size_t index, const Request& request, const LaunchStdio& stdio,
                    ExecHandlers handlers);

 private:
  struct Container {
    ContainerState state;
    pid_t pid = -1;
    int restarts = 0;
    uint64_t oom_kills = 0;  // of earlier runs
    bool stop_sent = false;
    std::optional<TimePoint> kill_at;
    UniqueFd stdin_keeper;  // the write end that keeps an open stdin from ending
    UniqueFd console;       // where the terminal's master arrives during a launch
    std::optional<logs::JsonLog> log;
    std::vector<std::unique_ptr<OutputPump>> pumps;
    std::optional<HealthMonitor> health;
    pid_t health_pid = -1;
    int health_number = 0;  // of the latest check; an older one's outcome counts no more
    std::string health_output;
    std::unique_ptr<OutputPump> health_pump;
  };
  struct ExecProcess {
    pid_t pid;
    std::function<void(ExitStatus)> exited;
  };

  Supervisor(TaskPlan plan, EventLoop loop, Journal journal, UniqueFd signals);

  // One look at everything; the next moment at which something is due by itself.
  std::optional<TimePoint> Advance();
  Result<void> Wait(std::optional<TimePoint> deadline);
  void AdvanceWaiting(size_t index, TimePoint now, std::optional<TimePoint>& deadline);
  void AdvanceRunning(size_t index, TimePoint now, std::optional<TimePoint>& deadline);
  void AdvanceHealth(size_t index, TimePoint now, std::optional<TimePoint>& deadline);
  void NoteTaskStatus();

  Result<void> Launch(size_t index);
  Result<LaunchStdio> OpenOutput(size_t index, std::vector<UniqueFd>& child_ends);
  Result<void> PumpToLog(size_t index, logs::Stream stream, UniqueFd from);
  void LaunchEnded(size_t index, Result<pid_t> outcome);
  void ContainerEnded(size_t index, ExitStatus status);
  void ContainerStopped(size_t index, std::optional<int> exit_code, std::string reason);
  bool MayRestart(size_t index, int exit_code) const;

  void StartHealthCheck(size_t index, TimePoint now);
  void HealthCheckEnded(size_t index, HealthMonitor::Outcome outcome);
  void EndHealthCheck(Container& container);

  void TakeSignals();
  void ReapChildren();
  void WatchLaunch(shim::Launch launch, std::function<void(Result<pid_t>)> done);
  void Record(Event event);
  void TellNews() {
    if (news_) news_();
  }

  TaskPlan plan_;
  EventLoop loop_;
  Journal journal_;
  std::function<void()> news_;
  UniqueFd signals_;
  std::vector<Container> containers_;
  std::vector<ExecProcess> execs_;
  int launches_at_work_ = 0;
  bool resting_ = false;  // nothing has happened for a while
  Status task_status_ = Status::kPending;
  struct Stop {
    std::string code;
    std::string reason;
    std::optional<int> timeout;
  };
  std::optional<Stop> stop_;
};

}  // namespace berth::agent::shim
