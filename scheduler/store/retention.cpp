#include "scheduler/store/retention.h"

#include <algorithm>

namespace berth::scheduler {
namespace {

constexpr int kMarks = 100;  // of an age: how finely it is told

}  // namespace

std::optional<Revision> RetentionClock::Tell(Time now, Revision last) {
  if (marks_.empty() || now - marks_.back().time >= retention_.age / kMarks) {
    marks_.push_back({now, last});
  }
  Revision target = last - retention_.revisions;
  // The youngest mark that is old enough says what was there at the time.
  while (!marks_.empty() && now - marks_.front().time >= retention_.age) {
    target = std::max(target, marks_.front().revision);
    marks_.pop_front();
  }
  if (target <= compacted_ || target <= 0) return std::nullopt;
  compacted_ = target;
  return target;
}

}  // namespace berth::scheduler
