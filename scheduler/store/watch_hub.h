// WatchHub: tells those who watch, on one thread, from the log of changes.
//
// It keeps no events: each time the store has moved on, it reads the log from where its watches
// stand. A handler that is slow costs no memory, and falls behind alone until what it has not
// read is compacted.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "scheduler/store/store.h"

namespace berth::scheduler {

struct LogPart {
  std::vector<EventBatch> batches;  // in order
  Revision last = 0;                // the part has everything up to it
};

class WatchHub : public std::enable_shared_from_this<WatchHub> {
 public:
  /// Called on the hub's thread only. An error is passed on to the watches that wait for this part.
  using ReadLog = std::function<Result<LogPart>(Revision from)>;

  static std::shared_ptr<WatchHub> Start(ReadLog read);
  ~WatchHub();

  /// Everything up to `revision` can be read now.
  void Advance(Revision revision);

  std::unique_ptr<Watch> Add(KeyRange range, Revision from, Store::OnEvents handler);

  /// No handler runs once it returns, and none will. Watches may outlive this.
  void Stop();

 private:
  struct Watcher {
    KeyRange range;
    Revision next = 0;  // the first revision that it has not been told of
    Store::OnEvents handler;
    bool ended = false;
  };
  class Handle;

  explicit WatchHub(ReadLog read) : read_(std::move(read)) {}

  void Run();
  /// Those who wait for the same revision, the oldest that anyone waits for and that is there.
  std::vector<std::shared_ptr<Watcher>> Due() const;
  void Tell(const std::shared_ptr<Watcher>& watcher, const Result<LogPart>& part);
  /// Calls the handler without the lock, unless the watch has ended.
  void Call(const std::shared_ptr<Watcher>& watcher, Result<EventBatch> batch);
  void End(const std::shared_ptr<Watcher>& watcher);

  const ReadLog read_;
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable work_;      // for the thread: something may be due
  std::condition_variable returned_;  // for End: a handler has returned
  Revision durable_ = 0;
  bool stopping_ = false;
  std::vector<std::shared_ptr<Watcher>> watchers_;
  std::shared_ptr<Watcher> called_;  // whose handler runs
};

}  // namespace berth::scheduler
