// Retention: how much history is kept when nobody asks for a compaction.
#pragma once

#include <deque>
#include <optional>

#include "scheduler/store/store.h"

namespace berth::scheduler {

/// Whoever reads on from an old revision is a page or a lost connection behind, not minutes: this
/// is ample for that. What is older than `age` is forgotten, and so is, however young, what is more
/// than `revisions` back: 100,000 of 1 KiB each are 100 MiB of file.
struct Retention {
  Revision revisions = 100'000;
  std::chrono::steady_clock::duration age = std::chrono::minutes(10);
};

class RetentionClock {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RetentionClock(Retention retention) : retention_(retention) {}

  /// The store is at revision `last`: what to compact to, if there is anything new to forget.
  std::optional<Revision> Tell(Time now, Revision last);

 private:
  struct Mark {
    Time time;
    Revision revision = 0;
  };

  Retention retention_;
  std::deque<Mark> marks_;
  Revision compacted_ = 0;
};

}  // namespace berth::scheduler
