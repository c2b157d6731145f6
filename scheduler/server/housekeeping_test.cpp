#include "scheduler/server/housekeeping.h"

#include <gmock/gmock.h>

#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::SizeIs;
using namespace std::chrono_literals;

void AddTask(TestWorld& at, const std::string& id, const std::string& status) {
  TaskRecord record = {.cluster = "default", .id = id};
  record.task.lastStatus = status;
  record.task.createdAt = at.now;
  if (status == "STOPPED") record.task.stoppedAt = at.now;
  at.world.PutTask(std::move(record));
}

TEST(TidyUp, RemovesStoppedTasksAfterAnHour) {
  TestWorld at;
  AddTask(at, "stopped", "STOPPED");
  AddTask(at, "running", "RUNNING");
  TidyUp(at.world, {}, at.now + 59min);
  EXPECT_THAT(at.world.tasks().all(), SizeIs(2));
  TidyUp(at.world, {}, at.now + 60min);
  EXPECT_THAT(at.world.tasks().all(), SizeIs(1));
}

TEST(TidyUp, ForgetsClientTokensAfterADay) {
  TestWorld at;
  at.world.PutClientToken({.token = "t", .cluster = "default", .created = at.now});
  TidyUp(at.world, {}, at.now + 23h);
  EXPECT_THAT(at.world.client_tokens().all(), SizeIs(1));
  TidyUp(at.world, {}, at.now + 24h);
  EXPECT_THAT(at.world.client_tokens().all(), SizeIs(0));
}

TEST(TidyUp, GivesUpTasksWhoseInterfaceDoesNotCome) {
  TestWorld at;
  AddTask(at, "late", "PROVISIONING");
  TidyUp(at.world, {}, at.now + 359s);
  EXPECT_EQ(at.world.tasks().Find("default/late")->task.lastStatus, "PROVISIONING");
  TidyUp(at.world, {}, at.now + 360s);
  const TaskRecord* late = at.world.tasks().Find("default/late");
  EXPECT_EQ(late->task.lastStatus, "STOPPED");
  EXPECT_EQ(late->task.stopCode, api::TaskStopCode::kTaskFailedToStart);
}

TEST(TidyUp, MakesNoTransactionThatTheStoreRefuses) {
  TestWorld at;
  for (int i = 0; i < 2500; ++i) AddTask(at, fmt::format("t{}", i), "STOPPED");
  TidyUp(at.world, {}, at.now + 2h);
  EXPECT_THAT(at.world.tasks().all(), SizeIs(1500));
  TidyUp(at.world, {}, at.now + 2h);
  TidyUp(at.world, {}, at.now + 2h);
  EXPECT_THAT(at.world.tasks().all(), SizeIs(0));
}

}  // namespace
}  // namespace berth::scheduler
