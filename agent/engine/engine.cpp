#include "agent/engine/engine.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <future>
#include <set>

#include "agent/engine/order.h"
#include "base/log.h"
#include "base/text.h"

namespace berth::agent::engine {
namespace {

// What has become of a container, or of the task itself.
void Tell(const std::string& task_id, const shim::Event& event) {
  if (!event.status) return;
  const log::Field about("ECS_CONTAINER_NAME", event.container);
  log::Info("task {}: {} {}{}{}", task_id, event.container.empty() ? "all of it" : event.container,
            shim::Name(*event.status), event.reason.empty() ? "" : ": ", event.reason);
}

}  // namespace

struct Engine::Managed {
  enum class Phase {
    kRecalling,  // a worker looks what there is of it
    kWaiting,    // for room, or for a worker
    kLaunching,
    kWatched,  // its shim runs
    kOver,     // it has stopped and given everything back, or never ran
  };

  EngineTask task;
  Phase phase = Phase::kWaiting;
  std::optional<Follower> journal;
  int watch = -1;
  Pidfd shim;
  http::Timer shim_ends;
  http::Timer cleanup;

  BookedTask& booked() { return task.state.booked; }
  const BookedTask& booked() const { return task.state.booked; }
};

Engine::Engine(http::IoLoop& loop, TaskBook& book, EngineSettings settings,
               std::function<void(const std::string& arn)> changed)
    : loop_(loop),
      book_(book),
      settings_(std::move(settings)),
      changed_(std::move(changed)),
      inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      workers_(std::make_unique<Workers>(settings_.workers)) {}

Engine::~Engine() {
  *alive_ = false;
  workers_.reset();
}

Result<void> Engine::Start() {
  if (!inotify_) return ErrnoError("inotify");
  notices_ = loop_.WhenReadable(inotify_.get(), [this] { ReadNotices(); });
  for (BookedTask& booked : TRY(book_.Tasks())) {
    const std::string arn = booked.order.arn;
    auto managed = std::make_unique<Managed>();
    managed->booked() = std::move(booked);
    Managed& task = *tasks_.emplace(arn, std::move(managed)).first->second;
    if (!task.booked().failure.empty()) {
      task.phase = Managed::Phase::kOver;
      task.task.state.released = true;
      CleanUpLater(task);
      changed_(arn);
      continue;
    }
    task.phase = Managed::Phase::kRecalling;
    workers_->Do([this, alive = alive_, arn, paths = settings_.paths, id = task.booked().id] {
      auto view = Recall(paths, id);
      loop_.Post([this, alive, arn, view = std::move(view)]() mutable {
        if (*alive) Recalled(arn, std::move(view));
      });
    });
  }
  return {};
}

void Engine::Recalled(const std::string& arn, Result<std::optional<TaskView>> view) {
  Managed* task = Look(arn);
  if (task == nullptr) return;
  if (!view) return Fail(*task, "ContainerVanishedError: " + view.error().message());
  if (!*view) {
    // It was ordered, and the agent died before it was launched.
    task->phase = Managed::Phase::kWaiting;
    if (task->booked().stop_wanted) return Fail(*task, "Task stopped before it was started");
    return BeginLaunch(*task);
  }
  if ((*view)->record.phase == Phase::kEnded) return Released(arn, **std::move(view));
  Watch(*task, **std::move(view));
  if (task->booked().stop_wanted) AskShimToStop(*task);
}

Engine::Managed* Engine::Look(const std::string& arn) {
  const auto found = tasks_.find(arn);
  return found == tasks_.end() ? nullptr : found->second.get();
}

const EngineTask* Engine::Find(const std::string& arn) const {
  const auto found = tasks_.find(arn);
  return found == tasks_.end() ? nullptr : &found->second->task;
}

std::vector<const EngineTask*> Engine::Tasks() const {
  std::vector<const EngineTask*> tasks;
  for (const auto& [arn, managed] : tasks_) tasks.push_back(&managed->task);
  return tasks;
}

Result<void> Engine::Take(const ecs::wire::AcsTask& order) {
  if (order.roleCredentials) SetCredentials(order.arn, "TaskApplication", *order.roleCredentials);
  if (order.executionRoleCredentials) {
    SetCredentials(order.arn, "TaskExecution", *order.executionRoleCredentials);
  }
  const bool known = tasks_.contains(order.arn);
  if (order.desiredStatus == "STOPPED" && known) return Stop(order.arn);
  if (known) return {};
  BookedTask booked = {
      .order = order, .id = TaskIdOf(order.arn), .secret = RandomHex(16), .created = Now()};
  if (order.desiredStatus == "STOPPED") {
    // Nobody here has heard of it: it is over.
    booked.stop_wanted = true;
    booked.failure = "Task stopped before it was started";
  }
  return Add(std::move(booked), order);
}

Result<void> Engine::Add(BookedTask booked, const ecs::wire::AcsTask& order) {
  TRY(book_.Put(booked));
  auto managed = std::make_unique<Managed>();
  managed->booked() = std::move(booked);
  Managed& task = *tasks_.emplace(order.arn, std::move(managed)).first->second;
  if (order.roleCredentials) task.task.role_credentials = *order.roleCredentials;
  if (order.executionRoleCredentials) {
    task.task.execution_role_credentials = *order.executionRoleCredentials;
  }
  if (task.booked().failure.empty()) {
    BeginLaunch(task);
  } else {
    task.phase = Managed::Phase::kOver;
    task.task.state.released = true;
    CleanUpLater(task);
    changed_(order.arn);
  }
  return {};
}

bool Engine::SetCredentials(const std::string& arn, const std::string& role_type,
                            const ecs::wire::RoleCredentials& credentials) {
  Managed* task = Look(arn);
  if (task == nullptr) return false;
  (role_type == "TaskExecution" ? task->task.execution_role_credentials
                                : task->task.role_credentials) = credentials;
  return true;
}

Result<void> Engine::Stop(const std::string& arn) {
  Managed* task = Look(arn);
  if (task == nullptr || task->booked().stop_wanted) return {};
  BookedTask wanted = task->booked();
  wanted.stop_wanted = true;
  TRY(book_.Put(wanted));
  task->booked() = std::move(wanted);
  if (task->phase == Managed::Phase::kWaiting) Fail(*task, "Task stopped before it was started");
  if (task->phase == Managed::Phase::kWatched) AskShimToStop(*task);
  return {};  // a launch under way asks when it is through
}

void Engine::AskShimToStop(const Managed& task) {
  workers_->Do([paths = settings_.paths, id = task.booked().id] {
    const auto asked = AskToStop(paths, id);
    if (!asked) log::Warning("stop task {}: {}", id, asked.error().message());
  });
}

void Engine::BeginLaunch(Managed& task) {
  task.phase = Managed::Phase::kLaunching;
  // Credentials are not part of what is launched, but that there are some is. After a restart the
  // order itself has no more than their id.
  LaunchJob job = {.paths = settings_.paths,
                   .task = task.booked(),
                   .region = settings_.region,
                   .pull = settings_.pull,
                   .limits = settings_.limits,
                   .netns_pool = settings_.netns_pool};
  if (!task.task.role_credentials.credentialsId.empty()) {
    job.task.order.roleCredentials = task.task.role_credentials;
  }
  job.announce = [this, arn = task.booked().order.arn](TaskView view) {
    AnnounceFromWorker(arn, std::move(view));
  };
  workers_->Do([this, alive = alive_, job = std::move(job)] {
    LaunchOutcome outcome = Launch(job);
    loop_.Post([this, alive, arn = job.task.order.arn, outcome = std::move(outcome)]() mutable {
      if (*alive) Launched(arn, std::move(outcome));
    });
  });
}

// The loop is asked to take note, and waited for; not for long, since it may be ending.
void Engine::AnnounceFromWorker(const std::string& arn, TaskView view) {
  const auto noted = std::make_shared<std::promise<void>>();
  loop_.Post([this, alive = alive_, arn, noted, view = std::move(view)]() mutable {
    Managed* task = *alive ? Look(arn) : nullptr;
    if (task != nullptr) task->task.state.view = std::move(view);
    noted->set_value();
  });
  noted->get_future().wait_for(std::chrono::seconds(1));
}

void Engine::Launched(const std::string& arn, LaunchOutcome outcome) {
  Managed* task = Look(arn);
  if (task == nullptr) return;
  const log::Field about("ECS_TASK_ARN", arn);
  if (outcome.pull_started) task->booked().pull_started = outcome.pull_started;
  if (outcome.pull_stopped) task->booked().pull_stopped = outcome.pull_stopped;
  if (!outcome.digests.empty()) task->booked().digests = std::move(outcome.digests);
  if (outcome.view) {
    Book(*task);
    Watch(*task, std::move(*outcome.view));
    if (task->booked().stop_wanted) AskShimToStop(*task);
    return;
  }
  task->task.state.view.reset();  // what was announced did not come to be
  if (outcome.no_room && !task->booked().stop_wanted) {
    log::Info("task {} waits: {}", arn, outcome.view.error().message());
    task->phase = Managed::Phase::kWaiting;
    room_ = loop_.After(settings_.room_wait, [this] { TryWaiting(); });
    return;
  }
  Fail(*task, outcome.view.error().message());
}

// First come, first served: one that does not fit holds up no other for longer than its try.
void Engine::TryWaiting() {
  std::vector<Managed*> waiting;
  for (auto& [arn, task] : tasks_) {
    if (task->phase == Managed::Phase::kWaiting) waiting.push_back(task.get());
  }
  std::sort(waiting.begin(), waiting.end(), [](const Managed* a, const Managed* b) {
    return a->booked().created < b->booked().created;
  });
  for (Managed* task : waiting) BeginLaunch(*task);
}

void Engine::Fail(Managed& task, std::string reason) {
  task.phase = Managed::Phase::kOver;
  task.booked().failure = std::move(reason);
  task.task.state.released = true;
  Book(task);
  CleanUpLater(task);
  changed_(task.booked().order.arn);
}

// What can't be written down now is told all the same, and perhaps again after a restart.
void Engine::Book(const Managed& task) {
  const auto booked = book_.Put(task.booked());
  if (!booked) log::Error("task {}: {}", task.booked().order.arn, booked.error().message());
}

void Engine::Watch(Managed& task, TaskView view) {
  const std::string arn = task.booked().order.arn;
  const std::string journal = settings_.paths.Journal(task.booked().id);
  task.phase = Managed::Phase::kWatched;
  task.watch = ::inotify_add_watch(inotify_.get(), journal.c_str(), IN_MODIFY);
  if (task.watch >= 0) watched_[task.watch] = arn;
  task.journal.emplace(settings_.paths, task.booked().id, std::vector<std::string>());
  // The follower reads the journal from its start: so does the view.
  task.task.state.view = std::move(view);
  auto shim = Pidfd::Open(static_cast<pid_t>(task.task.state.view->record.owner.pid));
  if (!shim) return ShimEnded(arn);
  task.shim = *std::move(shim);
  task.shim_ends = loop_.WhenReadable(task.shim.fd(), [this, arn] { ShimEnded(arn); });
  ReadJournal(task);
}

void Engine::ReadNotices() {
  std::array<char, 4096> buffer;
  std::set<std::string> touched;
  for (;;) {
    const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (size <= 0) break;
    for (ssize_t at = 0; at < size;) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += static_cast<ssize_t>(sizeof event + event.len);
      const auto found = watched_.find(event.wd);
      if (found != watched_.end()) touched.insert(found->second);
    }
  }
  for (const std::string& arn : touched) {
    if (Managed* task = Look(arn)) ReadJournal(*task);
  }
}

void Engine::ReadJournal(Managed& task) {
  if (!task.journal || !task.task.state.view) return;
  const log::Field about("ECS_TASK_ARN", task.booked().order.arn);
  const auto news = task.journal->Next();
  if (!news) {
    log::Warning("task {}: {}", task.booked().id, news.error().message());
    return;
  }
  if (news->events.empty()) return;
  for (const shim::Event& event : news->events) Tell(task.booked().id, event);
  task.task.state.view = FoldEvents(*std::move(task.task.state.view), news->events);
  changed_(task.booked().order.arn);
}

// All has been given back by now, if the shim came to its end in good order.
void Engine::ShimEnded(const std::string& arn) {
  Managed* task = Look(arn);
  if (task == nullptr) return;
  task->shim_ends.Cancel();
  // Our child if this very process launched it; init's if an agent before us did.
  if (task->shim) (void)task->shim.Reap();
  if (task->watch >= 0) {
    ::inotify_rm_watch(inotify_.get(), task->watch);
    watched_.erase(std::exchange(task->watch, -1));
  }
  workers_->Do([this, alive = alive_, arn, paths = settings_.paths, id = task->booked().id] {
    auto view = Finish(paths, id);
    loop_.Post([this, alive, arn, view = std::move(view)]() mutable {
      if (*alive) Released(arn, std::move(view));
    });
  });
}

void Engine::Released(const std::string& arn, Result<TaskView> view) {
  Managed* task = Look(arn);
  if (task == nullptr) return;
  if (!view) return Fail(*task, "ContainerVanishedError: " + view.error().message());
  // Addresses and ports are given back; what had them is still to be told.
  TaskView ended = *std::move(view);
  if (const auto& before = task->task.state.view) {
    for (size_t i = 0; i < ended.containers.size() && i < before->containers.size(); ++i) {
      if (ended.containers[i].ports.empty())
        ended.containers[i].ports = before->containers[i].ports;
    }
  }
  task->phase = Managed::Phase::kOver;
  task->journal.reset();
  task->task.state.view = std::move(ended);
  task->task.state.released = true;
  CleanUpLater(*task);
  changed_(arn);
  TryWaiting();
}

Result<void> Engine::SetTold(const std::string& arn, Told told) {
  Managed* task = Look(arn);
  if (task == nullptr || task->booked().told >= told) return {};
  task->booked().told = told;
  return book_.Put(task->booked());
}

void Engine::CleanUpLater(Managed& task) {
  const std::string arn = task.booked().order.arn;
  task.cleanup = loop_.After(settings_.cleanup_wait, [this, arn] {
    Managed* over = Look(arn);
    if (over == nullptr) return;
    // Nobody forgets a task whose end the scheduler has not heard of.
    if (over->booked().told != Told::kStopped) return CleanUpLater(*over);
    workers_->Do([paths = settings_.paths, id = over->booked().id] {
      const auto removed = Remove(paths, id);
      if (!removed) log::Warning("remove task {}: {}", id, removed.error().message());
    });
    const auto erased = book_.Erase(arn);
    if (!erased) log::Error("{}", erased.error().message());
    tasks_.erase(arn);
  });
}

}  // namespace berth::agent::engine
