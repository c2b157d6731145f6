// LeaseDeadlines: when which lease ends. Knows no clock and no thread: it is told the time.
#pragma once

#include <optional>
#include <set>
#include <unordered_map>

#include "scheduler/store/store.h"

namespace berth::scheduler {

class LeaseDeadlines {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void Add(LeaseId lease, std::chrono::seconds ttl, Time now);
  void Remove(LeaseId lease);

  /// False if it is not there or its time is up, even if nobody has ended it yet.
  bool KeepAlive(LeaseId lease, Time now);

  /// Those whose time is up. They can't be kept alive any more, and each is told again after
  /// `kRetry` until it is removed: ending it may fail, on a full disk.
  std::vector<LeaseId> TakeEnded(Time now);
  static constexpr std::chrono::seconds kRetry{1};

  /// When TakeEnded has something to say; nothing if there is no lease.
  std::optional<Time> Next() const;

 private:
  struct Lease {
    std::chrono::seconds ttl;
    Time due;
    bool ended = false;
  };
  void SetDue(LeaseId id, Lease& lease, Time due);

  std::unordered_map<LeaseId, Lease> leases_;
  std::set<std::pair<Time, LeaseId>> by_due_;
};

}  // namespace berth::scheduler
