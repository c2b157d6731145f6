// Keeper: what the thread of the NameServer does.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/names/running_tasks.h"
#include "agent/names/unbound.h"
#include "agent/paths.h"
#include "agent/state/state.h"
#include "base/event_loop.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::names {

class Keeper {
 public:
  /// Tries to start the resolver; that it can't be started now is no error.
  static Result<std::unique_ptr<Keeper>> Make(const Paths& paths, const NamesConfig& config);

  /// Keeps the resolver going until it is asked to end, then ends it.
  void Work();

  // From any thread.
  void AskToEnd();
  void AskToReopen();
  void SetServices(std::map<std::string, std::string> services);

 private:
  using Clock = EventLoop::Clock;

  Keeper(const Paths& paths, const NamesConfig& config, State state, Unbound unbound,
         EventLoop loop);
  Result<void> WatchState();
  void ReadNotices();
  void Wake();

  /// What the resolver is to know now.
  Result<NameMap> LookAtTasks();
  void TryToStart();
  Result<void> StartNow();
  void Ended();
  void Failed(std::string_view why);
  void RefreshNames();
  void LookAtHost();
  void FollowUpstreams();
  void Detour();
  void Reopen();
  void End();
  std::optional<net::Ipv4> UpstreamForTasks() const;

  Paths paths_;
  NamesConfig config_;
  State state_;
  Unbound unbound_;
  EventLoop loop_;
  UniqueFd notices_;  // inotify: the state's file has changed
  UniqueFd wake_;     // eventfd: another thread wants something
  RunningTasks tasks_;

  std::mutex mutex_;
  std::map<std::string, std::string> services_;  // under mutex_
  std::atomic<bool> ending_ = false;
  std::atomic<bool> reopening_ = false;

  uint32_t serial_ = 0;
  std::optional<NameMap> told_;  // what the resolver knows; nothing: it may be anything
  std::vector<std::string> upstreams_;
  bool detoured_ = false;
  int failures_ = 0;  // one after the other
  Clock::time_point started_;
  std::optional<Clock::time_point> start_at_;    // while it does not run
  std::optional<Clock::time_point> refresh_at_;  // if names may have changed
  Clock::time_point look_at_;
  std::chrono::milliseconds between_refreshes_;
};

}  // namespace berth::agent::names
