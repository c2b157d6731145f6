#include "scheduler/store/watch_hub.h"

#include <algorithm>

namespace berth::scheduler {

/// Keeps the hub, which may have been stopped.
class WatchHub::Handle : public Watch {
 public:
  Handle(std::shared_ptr<WatchHub> hub, std::shared_ptr<Watcher> watcher)
      : hub_(std::move(hub)), watcher_(std::move(watcher)) {}
  ~Handle() override { hub_->End(watcher_); }

 private:
  std::shared_ptr<WatchHub> hub_;
  std::shared_ptr<Watcher> watcher_;
};

std::shared_ptr<WatchHub> WatchHub::Start(ReadLog read) {
  std::shared_ptr<WatchHub> hub(new WatchHub(std::move(read)));
  // The thread does not keep the hub: Stop, at the latest in the destructor, waits for it.
  hub->thread_ = std::thread([raw = hub.get()] { raw->Run(); });
  return hub;
}

WatchHub::~WatchHub() { Stop(); }

void WatchHub::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& watcher : watchers_) watcher->ended = true;
  }
  work_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void WatchHub::Advance(Revision revision) {
  {
    const std::lock_guard lock(mutex_);
    durable_ = std::max(durable_, revision);
  }
  work_.notify_one();
}

std::unique_ptr<Watch> WatchHub::Add(KeyRange range, Revision from, Store::OnEvents handler) {
  auto watcher = std::make_shared<Watcher>(
      Watcher{.range = std::move(range), .next = from, .handler = std::move(handler)});
  {
    const std::lock_guard lock(mutex_);
    watchers_.push_back(watcher);
  }
  work_.notify_one();
  return std::make_unique<Handle>(shared_from_this(), std::move(watcher));
}

void WatchHub::End(const std::shared_ptr<Watcher>& watcher) {
  std::unique_lock lock(mutex_);
  watcher->ended = true;
  std::erase(watchers_, watcher);
  // A handler may let go of its own watch.
  if (std::this_thread::get_id() == thread_.get_id()) return;
  returned_.wait(lock, [&] { return called_ != watcher; });
}

void WatchHub::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto due = Due();
    if (due.empty()) {
      work_.wait(lock);
      continue;
    }
    const Revision from = due.front()->next;
    lock.unlock();
    const Result<LogPart> part = read_(from);
    for (const auto& watcher : due) Tell(watcher, part);
    lock.lock();
  }
}

std::vector<std::shared_ptr<WatchHub::Watcher>> WatchHub::Due() const {
  std::vector<std::shared_ptr<Watcher>> due;
  for (const auto& watcher : watchers_) {
    if (watcher->ended || watcher->next > durable_) continue;
    if (!due.empty() && watcher->next < due.front()->next) due.clear();
    if (due.empty() || watcher->next == due.front()->next) due.push_back(watcher);
  }
  return due;
}

void WatchHub::Tell(const std::shared_ptr<Watcher>& watcher, const Result<LogPart>& part) {
  if (!part) {
    Call(watcher, part.error());
    const std::lock_guard lock(mutex_);
    watcher->ended = true;
    return;
  }
  for (const EventBatch& batch : part->batches) {
    EventBatch seen = {.revision = batch.revision, .events = {}};
    std::copy_if(batch.events.begin(), batch.events.end(), std::back_inserter(seen.events),
                 [&](const Event& event) { return watcher->range.Contains(event.now.key); });
    if (!seen.events.empty()) Call(watcher, std::move(seen));
  }
  const std::lock_guard lock(mutex_);
  watcher->next = part->last + 1;
}

void WatchHub::Call(const std::shared_ptr<Watcher>& watcher, Result<EventBatch> batch) {
  {
    const std::lock_guard lock(mutex_);
    if (watcher->ended) return;
    called_ = watcher;
  }
  watcher->handler(std::move(batch));
  {
    const std::lock_guard lock(mutex_);
    called_ = nullptr;
  }
  returned_.notify_all();
}

}  // namespace berth::scheduler
