// HealthMonitor: when a container's health check is due, and what its outcomes come to.
#pragma once

#include <optional>

#include "agent/shim/dependencies.h"
#include "agent/shim/plan.h"

namespace berth::agent::shim {

/// The rules of ECS's healthCheck (those of Docker's HEALTHCHECK), without the running itself:
/// checks come an interval after the start, and then an interval after the last one has ended;
/// `retries` failures in a row make the container UNHEALTHY, one success HEALTHY; failures within
/// the start period do not count until there was a success.
///
/// One thing is quicker than in Docker: before the first check is due by those rules there are
/// early ones, soon after the start and then ever more rarely. They can only make the container
/// HEALTHY: what waits for it starts when it is ready, not when the interval is over.
class HealthMonitor {
 public:
  HealthMonitor(const HealthCheckPlan& plan, TimePoint container_started);

  /// When the next thing is due: a check to start, or one at work to be given up.
  TimePoint Deadline() const { return began_ ? *began_ + plan_.timeout : next_; }
  bool CheckIsDue(TimePoint now) const { return !began_ && now >= next_; }
  bool CheckIsOverdue(TimePoint now) const { return began_ && now >= *began_ + plan_.timeout; }

  void CheckBegan(TimePoint now) { began_ = now; }
  enum class Outcome { kPassed, kFailed };  // a check that was given up has failed
  /// The new state, if this outcome changes it.
  std::optional<Health> CheckEnded(Outcome outcome, TimePoint now);

 private:
  const HealthCheckPlan& plan_;
  TimePoint first_regular_;
  TimePoint failures_count_from_;
  TimePoint next_;
  std::chrono::milliseconds early_pause_;
  std::optional<TimePoint> began_;
  int failures_ = 0;
  Health health_ = Health::kUnknown;
};

}  // namespace berth::agent::shim
