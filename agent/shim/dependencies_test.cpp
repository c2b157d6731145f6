#include "agent/shim/dependencies.h"

#include <gtest/gtest.h>

namespace berth::agent::shim {
namespace {

using Phase = ContainerState::Phase;
using Verdict = Readiness::Verdict;
using namespace std::chrono_literals;

constexpr TimePoint kStart{1000s};

// web waits for db; what db is, each test says.
class DependenciesTest : public testing::Test {
 protected:
  Readiness Ask(Condition condition, ContainerState db, TimePoint now = kStart) {
    plan_.containers[1].depends_on = {{.container = 0, .condition = condition}};
    return ReadyToStart(plan_, {db, {}}, 1, now);
  }

  TaskPlan plan_ = {.containers = {{.name = "db"}, {.name = "web"}}};
  ContainerState waiting_;
  ContainerState running_ = {.phase = Phase::kRunning, .started = kStart};
  ContainerState succeeded_ = {.phase = Phase::kStopped, .started = kStart, .exit_code = 0};
  ContainerState failed_ = {.phase = Phase::kStopped, .started = kStart, .exit_code = 3};
  ContainerState never_ran_ = {.phase = Phase::kStopped};
};

TEST_F(DependenciesTest, StartIsMetByRunningAndByHavingRun) {
  EXPECT_EQ(Ask(Condition::kStart, waiting_).verdict, Verdict::kWait);
  EXPECT_EQ(Ask(Condition::kStart, running_).verdict, Verdict::kReady);
  EXPECT_EQ(Ask(Condition::kStart, failed_).verdict, Verdict::kReady);
  EXPECT_EQ(Ask(Condition::kStart, never_ran_).verdict, Verdict::kNever);
}

TEST_F(DependenciesTest, CompleteIsMetByAnyExitCode) {
  EXPECT_EQ(Ask(Condition::kComplete, running_).verdict, Verdict::kWait);
  EXPECT_EQ(Ask(Condition::kComplete, failed_).verdict, Verdict::kReady);
  EXPECT_EQ(Ask(Condition::kComplete, never_ran_).verdict, Verdict::kNever);
  never_ran_.exit_code = 127;
  EXPECT_EQ(Ask(Condition::kComplete, never_ran_).verdict, Verdict::kNever);
}

TEST_F(DependenciesTest, SuccessIsMetByZeroAlone) {
  EXPECT_EQ(Ask(Condition::kSuccess, succeeded_).verdict, Verdict::kReady);
  const Readiness readiness = Ask(Condition::kSuccess, failed_);
  EXPECT_EQ(readiness.verdict, Verdict::kNever);
  EXPECT_EQ(readiness.reason,
            "TaskDependencyError: db will not become SUCCESS: it exited with code 3");
}

TEST_F(DependenciesTest, HealthyIsMetWhileItRuns) {
  EXPECT_EQ(Ask(Condition::kHealthy, running_).verdict, Verdict::kWait);
  running_.health = Health::kHealthy;
  EXPECT_EQ(Ask(Condition::kHealthy, running_).verdict, Verdict::kReady);
  EXPECT_EQ(Ask(Condition::kHealthy, succeeded_).verdict, Verdict::kNever);
}

TEST_F(DependenciesTest, StartTimeoutEndsTheWait) {
  plan_.containers[0].start_timeout = 10s;
  const Readiness before = Ask(Condition::kHealthy, running_, kStart + 9s);
  EXPECT_EQ(before.verdict, Verdict::kWait);
  EXPECT_EQ(before.ask_again, kStart + 10s);
  EXPECT_EQ(Ask(Condition::kHealthy, running_, kStart + 10s).verdict, Verdict::kNever);
}

TEST_F(DependenciesTest, StopsDependantsFirst) {
  plan_.containers[1].depends_on = {{.container = 0}};
  EXPECT_FALSE(ReadyToStop(plan_, {running_, running_}, 0));
  EXPECT_TRUE(ReadyToStop(plan_, {running_, running_}, 1));
  EXPECT_TRUE(ReadyToStop(plan_, {running_, succeeded_}, 0));
}

}  // namespace
}  // namespace berth::agent::shim
