#include "agent/shim/health_monitor.h"

#include <gtest/gtest.h>

namespace berth::agent::shim {
namespace {

using Outcome = HealthMonitor::Outcome;
using namespace std::chrono_literals;

constexpr TimePoint kBegin{1000s};

// Runs checks as they fall due until `until`; each ends at once with what `outcome` says.
template <typename OutcomeAt>
std::optional<Health> RunUntil(HealthMonitor& monitor, TimePoint until, OutcomeAt outcome) {
  std::optional<Health> last;
  while (monitor.Deadline() <= until) {
    const TimePoint now = monitor.Deadline();
    monitor.CheckBegan(now);
    if (auto changed = monitor.CheckEnded(outcome(now), now)) last = changed;
  }
  return last;
}

TEST(HealthMonitorTest, IsHealthyAsSoonAsACheckPasses) {
  const HealthCheckPlan plan = {.interval = 30s};
  HealthMonitor monitor(plan, kBegin);
  const auto health = RunUntil(monitor, kBegin + 1s, [](TimePoint now) {
    return now >= kBegin + 400ms ? Outcome::kPassed : Outcome::kFailed;
  });
  EXPECT_EQ(health, Health::kHealthy);
}

TEST(HealthMonitorTest, EarlyFailuresDoNotCount) {
  const HealthCheckPlan plan = {.interval = 30s, .retries = 1};
  HealthMonitor monitor(plan, kBegin);
  const auto fail = [](TimePoint) { return Outcome::kFailed; };
  EXPECT_EQ(RunUntil(monitor, kBegin + 29s, fail), std::nullopt);
  EXPECT_EQ(RunUntil(monitor, kBegin + 30s, fail), Health::kUnhealthy);
}

TEST(HealthMonitorTest, RetriesFailuresInARowMakeItUnhealthy) {
  const HealthCheckPlan plan = {.interval = 10s, .retries = 3};
  HealthMonitor monitor(plan, kBegin);
  const auto fail = [](TimePoint) { return Outcome::kFailed; };
  EXPECT_EQ(RunUntil(monitor, kBegin + 29s, fail), std::nullopt);
  EXPECT_EQ(RunUntil(monitor, kBegin + 30s, fail), Health::kUnhealthy);
  EXPECT_EQ(RunUntil(monitor, kBegin + 40s, [](TimePoint) { return Outcome::kPassed; }),
            Health::kHealthy);
}

TEST(HealthMonitorTest, FailuresWithinTheStartPeriodDoNotCount) {
  const HealthCheckPlan plan = {.interval = 10s, .start_period = 60s, .retries = 1};
  HealthMonitor monitor(plan, kBegin);
  const auto fail = [](TimePoint) { return Outcome::kFailed; };
  EXPECT_EQ(RunUntil(monitor, kBegin + 59s, fail), std::nullopt);
  EXPECT_EQ(RunUntil(monitor, kBegin + 70s, fail), Health::kUnhealthy);
}

TEST(HealthMonitorTest, ACheckIsOverdueAfterItsTimeout) {
  const HealthCheckPlan plan = {.timeout = 5s};
  HealthMonitor monitor(plan, kBegin);
  monitor.CheckBegan(kBegin);
  EXPECT_FALSE(monitor.CheckIsOverdue(kBegin + 4s));
  EXPECT_TRUE(monitor.CheckIsOverdue(kBegin + 5s));
  EXPECT_EQ(monitor.Deadline(), kBegin + 5s);
}

}  // namespace
}  // namespace berth::agent::shim
