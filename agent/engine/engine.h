// Engine: the scheduler's tasks on this host.
//
// Takes orders, writes them down, has them carried out by workers, and watches what becomes of the
// tasks. Belongs to the loop's thread. Containers do not depend on it: when it dies they go on, and
// when it is back it finds them.
//
//   Take -> booked -> [worker: pull, launch] -> watched: journal, shim -> released -> forgotten
//                         |  no room: again when another task has ended
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/engine/launch_job.h"
#include "agent/engine/report.h"
#include "agent/engine/task_book.h"
#include "agent/engine/workers.h"
#include "agent/task/follow.h"
#include "base/http/io_loop.h"
#include "base/pidfd.h"
#include "net/netns_pool.h"

namespace berth::agent::engine {

struct EngineSettings {
  Paths paths;
  std::string region;
  PullBehavior pull = PullBehavior::kPreferCached;
  TaskLimitSettings limits;
  net::NetnsPool* netns_pool = nullptr;  // outlives the engine
  /// How long a stopped task is kept for logs and inspect (ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION).
  std::chrono::seconds cleanup_wait{3 * 3600};
  std::chrono::milliseconds room_wait{1000};
  size_t workers = 4;
};

/// One of its tasks.
struct EngineTask {
  TaskState state;
  ecs::wire::RoleCredentials role_credentials;
  ecs::wire::RoleCredentials execution_role_credentials;
};

class Engine {
 public:
  /// `changed` is told the ARN of each task about which there may be something to report.
  Engine(http::IoLoop& loop, TaskBook& book, EngineSettings settings,
         std::function<void(const std::string& arn)> changed);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  /// Waits for workers; tasks go on.
  ~Engine();

  /// Finds the booked tasks again: adopts those that run, launches those that were not yet.
  Result<void> Start();

  /// An order: a new task, the same once more, or a stop. Once this returns it is on disk. A task
  /// that was to stop never starts again. Error: it could not be written down.
  Result<void> Take(const ecs::wire::AcsTask& order);
  Result<void> Stop(const std::string& arn);
  /// False if there is no such task.
  bool SetCredentials(const std::string& arn, const std::string& role_type,
                      const ecs::wire::RoleCredentials& credentials);
  /// The scheduler has acknowledged the report.
  Result<void> SetTold(const std::string& arn, Told told);

  const EngineTask* Find(const std::string& arn) const;
  /// All of them, in the order of their ARNs.
  std::vector<const EngineTask*> Tasks() const;

 private:
  struct Managed;

  Result<void> Add(BookedTask booked, const ecs::wire::AcsTask& order);
  Managed* Look(const std::string& arn);
  void Recalled(const std::string& arn, Result<std::optional<TaskView>> view);
  void BeginLaunch(Managed& task);
  void AnnounceFromWorker(const std::string& arn, TaskView view);
  void Launched(const std::string& arn, LaunchOutcome outcome);
  void Watch(Managed& task, TaskView view);
  void ReadNotices();
  void ReadJournal(Managed& task);
  void ShimEnded(const std::string& arn);
  void Released(const std::string& arn, Result<TaskView> view);
  void Fail(Managed& task, std::string reason);
  void AskShimToStop(const Managed& task);
  void TryWaiting();
  void CleanUpLater(Managed& task);
  void Book(const Managed& task);

  http::IoLoop& loop_;
  TaskBook& book_;
  EngineSettings settings_;
  std::function<void(const std::string&)> changed_;
  std::map<std::string, std::unique_ptr<Managed>> tasks_;  // by ARN
  UniqueFd inotify_;
  http::Timer notices_;
  http::Timer room_;
  std::map<int, std::string> watched_;  // inotify's number of a journal to the ARN
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Workers> workers_;
};

}  // namespace berth::agent::engine
