// Caretaker: the thread that does what is due: ends leases, moves the write-ahead log into the
// file, forgets old history.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "scheduler/store/lease_deadlines.h"
#include "scheduler/store/retention.h"

namespace berth::scheduler {

class Caretaker {
 public:
  /// Called on its thread, without a lock held.
  struct Duties {
    std::function<void(LeaseId)> end_lease;  // RemoveLease once it is done
    std::function<void(Revision)> compact;
    std::function<void()> checkpoint;
  };

  Caretaker(Duties duties, Retention retention);
  ~Caretaker();

  void Start();
  /// No duty is done once it returns.
  void Stop();

  void AddLease(LeaseId lease, std::chrono::seconds ttl);
  void RemoveLease(LeaseId lease);
  bool KeepLeaseAlive(LeaseId lease);

  /// The store is at `revision` now.
  void Committed(Revision revision);

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  void EndLeases(std::unique_lock<std::mutex>& lock);
  void LookAfterLog(std::unique_lock<std::mutex>& lock);

  const Duties duties_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  LeaseDeadlines leases_;
  RetentionClock retention_;
  Revision revision_ = 0;         // of the store
  uint64_t commits_ = 0;          // batches, ever
  uint64_t commits_seen_ = 0;     // by the last tick
  uint64_t commits_in_file_ = 0;  // by the last checkpoint
  Clock::time_point last_checkpoint_;
  Clock::time_point next_tick_;

  std::thread thread_;
};

}  // namespace berth::scheduler
