#include "scheduler/model/task_changes.h"

#include <gmock/gmock.h>

#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using ecs::api::SubmitTaskStateChangeRequest;
using ecs::api::TaskStopCode;

class TaskChanges : public testing::Test {
 protected:
  TaskChanges() {
    instance = at.AddInstance();
    at.RegisterWeb();
    task = at.RunWeb();
  }

  const TaskRecord& record() const { return at.Record(task); }
  const ecs::api::Container& container() const { return record().task.containers.front(); }
  void Put(const std::string& last_status) {
    TaskRecord changed = record();
    changed.task.lastStatus = last_status;
    at.world.PutTask(std::move(changed));
  }
  void Report(SubmitTaskStateChangeRequest report) {
    ApplyReport(at.world, record(), report, at.now);
  }

  TestWorld at;
  std::string instance;
  ecs::api::Task task;
};

TEST_F(TaskChanges, MoveForwardAlone) {
  struct Row {
    const char* before;
    const char* reported;
    const char* after;
  };
  constexpr Row kRows[] = {
      {"PROVISIONING", "PENDING", "PENDING"},
      {"PROVISIONING", "RUNNING", "RUNNING"},
      {"PROVISIONING", "STOPPED", "STOPPED"},
      {"PENDING", "PENDING", "PENDING"},
      {"PENDING", "RUNNING", "RUNNING"},
      {"PENDING", "STOPPED", "STOPPED"},
      {"ACTIVATING", "PENDING", "ACTIVATING"},
      {"ACTIVATING", "RUNNING", "RUNNING"},
      {"RUNNING", "PENDING", "RUNNING"},
      {"RUNNING", "RUNNING", "RUNNING"},
      {"RUNNING", "STOPPED", "STOPPED"},
      {"STOPPING", "RUNNING", "STOPPING"},
      {"STOPPING", "STOPPED", "STOPPED"},
      {"STOPPED", "PENDING", "STOPPED"},
      {"STOPPED", "RUNNING", "STOPPED"},
      {"RUNNING", "NONSENSE", "RUNNING"},
      {"RUNNING", "", "RUNNING"},
  };
  for (const Row& row : kRows) {
    Put(row.before);
    Report({.status = row.reported});
    EXPECT_EQ(record().task.lastStatus, row.after) << row.before << " and " << row.reported;
  }
}

TEST_F(TaskChanges, SayNothingNewWhenRepeated) {
  const SubmitTaskStateChangeRequest running = {
      .status = "RUNNING",
      .containers = {{.containerName = "app",
                      .runtimeId = "r1",
                      .networkBindings = {{.containerPort = 80, .hostPort = 32768}},
                      .status = "RUNNING"}}};
  Report(running);
  const TaskRecord once = record();
  EXPECT_EQ(once.task.startedAt, at.now);
  at.now += std::chrono::seconds(5);
  Report(running);
  EXPECT_EQ(record().task, once.task);
  EXPECT_EQ(record().task.version, once.task.version);
}

// The version counts what others see of a task.
TEST_F(TaskChanges, HaveNoVersionOfTheirOwnWhenOnlyTheDeliveryChanges) {
  TaskRecord delivered = record();
  const int64_t version = delivered.task.version;
  delivered.delivered = !delivered.delivered;
  EXPECT_EQ(at.world.PutTask(std::move(delivered)).task.version, version);
  Put("RUNNING");
  EXPECT_EQ(record().task.version, version + 1);
}

TEST_F(TaskChanges, KeepWhatAContainerEndedWithWhicheverReportCameFirst) {
  Report({.containers = {
              {.containerName = "app", .exitCode = 3, .reason = "why", .status = "STOPPED"}}});
  Report({.containers = {{.containerName = "app", .runtimeId = "r1", .status = "RUNNING"}}});
  EXPECT_EQ(container().lastStatus, "STOPPED");
  EXPECT_EQ(container().exitCode, 3);
  EXPECT_EQ(container().reason, "why");
  EXPECT_EQ(container().runtimeId, "r1");
}

TEST_F(TaskChanges, IgnoreContainersThatTheTaskDoesNotHave) {
  const int64_t version = record().task.version;
  Report({.containers = {{.containerName = "other", .status = "RUNNING"}, {.status = "RUNNING"}}});
  EXPECT_EQ(record().task.version, version);
}

TEST_F(TaskChanges, ExplainAnEndThatNobodyOrdered) {
  Report({.status = "RUNNING"});
  Report({.status = "STOPPED",
          .containers = {{.containerName = "app", .exitCode = 1, .status = "STOPPED"}}});
  EXPECT_EQ(record().task.stopCode, TaskStopCode::kEssentialContainerExited);
  EXPECT_EQ(record().task.stoppedReason, "Essential container in task exited");
  EXPECT_EQ(record().task.stoppedAt, at.now);
  EXPECT_EQ(record().task.desiredStatus, "STOPPED");
}

TEST_F(TaskChanges, ExplainAStartThatFailed) {
  Report({.status = "STOPPED", .reason = "CannotPullContainerError: no such image"});
  EXPECT_EQ(record().task.stopCode, TaskStopCode::kTaskFailedToStart);
  EXPECT_EQ(record().task.stoppedReason, "CannotPullContainerError: no such image");
  EXPECT_EQ(container().lastStatus, "STOPPED");
}

TEST_F(TaskChanges, SeeByAnExitCodeThatItRanThoughNobodySaidSo) {
  Report({.status = "STOPPED",
          .containers = {{.containerName = "app", .exitCode = 0, .status = "STOPPED"}}});
  EXPECT_EQ(record().task.stopCode, TaskStopCode::kEssentialContainerExited);
}

TEST_F(TaskChanges, KeepTheReasonOfAnOrderedStop) {
  BeginStop(at.world, record(), {.reason = "enough", .now = at.now});
  EXPECT_EQ(record().task.desiredStatus, "STOPPED");
  EXPECT_EQ(record().task.lastStatus, "PENDING");
  EXPECT_FALSE(record().delivered);
  BeginStop(at.world, record(), {.reason = "once more", .now = at.now});
  Report({.status = "STOPPED", .reason = "the agent's own words"});
  EXPECT_EQ(record().task.stopCode, TaskStopCode::kUserInitiated);
  EXPECT_EQ(record().task.stoppedReason, "enough");
}

TEST_F(TaskChanges, GiveBackTheInterfaceAtTheEnd) {
  at.AddNetwork();
  at.Register(TestWorld::kVpc);
  task = at.Run({.networkConfiguration =
                     ecs::NetworkConfiguration{.awsvpcConfiguration = {.subnets = {"subnet-a"}}},
                 .taskDefinition = "vpc"});
  EXPECT_EQ(at.world.AddressesOf("subnet-a").size(), 1u);
  Report({.status = "STOPPED"});
  EXPECT_EQ(at.world.AddressesOf("subnet-a").size(), 0u);
  EXPECT_TRUE(at.world.interfaces().all().empty());
  ASSERT_EQ(record().task.attachments.size(), 1u);
  EXPECT_EQ(record().task.attachments.front().status, "DELETED");
}

TEST_F(TaskChanges, KnowTheOrderOfTheStatuses) {
  EXPECT_EQ(RankOf("PROVISIONING"), 0);
  EXPECT_EQ(RankOf("STOPPED"), 7);
  EXPECT_EQ(RankOf("nonsense"), -1);
}

}  // namespace
}  // namespace berth::scheduler
