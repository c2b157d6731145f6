#include "agent/shim/health_monitor.h"

#include <algorithm>

namespace berth::agent::shim {
namespace {

constexpr std::chrono::milliseconds kFirstEarlyPause{100};

}  // namespace

HealthMonitor::HealthMonitor(const HealthCheckPlan& plan, TimePoint container_started)
    : plan_(plan),
      first_regular_(container_started + plan.interval),
      failures_count_from_(container_started + std::max(plan.interval, plan.start_period)),
      next_(std::min(container_started + kFirstEarlyPause, first_regular_)),
      early_pause_(kFirstEarlyPause) {}

std::optional<Health> HealthMonitor::CheckEnded(Outcome outcome, TimePoint now) {
  const bool counts = health_ != Health::kUnknown || (began_ && *began_ >= failures_count_from_);
  began_.reset();
  Health judged = health_;
  if (outcome == Outcome::kPassed) {
    failures_ = 0;
    judged = Health::kHealthy;
  } else if (counts && ++failures_ >= plan_.retries) {
    judged = Health::kUnhealthy;
  }
  next_ = now + plan_.interval;
  if (judged == Health::kUnknown && now < first_regular_) {
    early_pause_ *= 2;
    next_ = std::min(now + early_pause_, first_regular_);
  }
  if (judged == health_) return std::nullopt;
  health_ = judged;
  return judged;
}

}  // namespace berth::agent::shim
