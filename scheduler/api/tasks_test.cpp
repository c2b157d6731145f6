#include <gmock/gmock.h>

#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class TasksTest : public testing::Test {
 protected:
  TasksTest() {
    instance = at.AddInstance();
    at.RegisterWeb();
  }

  std::vector<std::string> List(const api::ListTasksRequest& request) {
    const auto listed = ListTasks(at.Operator("ListTasks"), request);
    EXPECT_TRUE(listed) << listed.error().message;
    return listed ? listed->taskArns : std::vector<std::string>();
  }

  TestWorld at;
  std::string instance;
};

TEST_F(TasksTest, AreDescribedByIdAndArn) {
  const api::Task task = at.Run({.tags = {{"k", "v"}}, .taskDefinition = "web"});
  const auto described =
      DescribeTasks(at.Operator("DescribeTasks"),
                    {.tasks = {task.taskArn, std::string(LastPart(task.taskArn)), "nothing"}});
  ASSERT_TRUE(described);
  ASSERT_THAT(described->tasks, SizeIs(2));
  EXPECT_THAT(described->tasks[0].tags, IsEmpty());
  EXPECT_EQ(described->tasks[0].connectivity, api::Connectivity::kConnected);
  ASSERT_THAT(described->failures, SizeIs(1));
  EXPECT_EQ(described->failures[0].reason, "MISSING");
  const auto tagged =
      DescribeTasks(at.Operator("DescribeTasks"), {.tasks = {task.taskArn}, .include = {"TAGS"}});
  EXPECT_THAT(tagged->tasks.at(0).tags, SizeIs(1));
  EXPECT_FALSE(DescribeTasks(at.Operator("DescribeTasks"), {}));
  EXPECT_FALSE(
      DescribeTasks(at.Operator("DescribeTasks"), {.tasks = std::vector<std::string>(101, "t")}));
}

TEST_F(TasksTest, AreListedByWhatIsAskedFor) {
  const api::Task one = at.Run({.startedBy = "ann", .taskDefinition = "web"});
  const api::Task two = at.Run({.startedBy = "bob", .taskDefinition = "web"});
  EXPECT_THAT(List({}), SizeIs(2));
  EXPECT_THAT(List({.startedBy = "ann"}), ElementsAre(one.taskArn));
  EXPECT_THAT(List({.family = "web"}), SizeIs(2));
  EXPECT_THAT(List({.family = "we"}), IsEmpty());
  EXPECT_THAT(List({.containerInstance = instance}), SizeIs(2));
  EXPECT_THAT(List({.launchType = api::LaunchType::kExternal}), IsEmpty());
  ASSERT_TRUE(StopTask(at.Operator("StopTask"), {.task = two.taskArn}));
  EXPECT_THAT(List({}), ElementsAre(one.taskArn));
  EXPECT_THAT(List({.desiredStatus = api::DesiredStatus::kStopped}), ElementsAre(two.taskArn));
  EXPECT_FALSE(ListTasks(at.Operator("ListTasks"), {.containerInstance = "nowhere"}));
}

TEST_F(TasksTest, AreStoppedOnce) {
  const api::Task task = at.RunWeb();
  const auto stopping =
      StopTask(at.Operator("StopTask"), {.task = task.taskArn, .reason = "enough"});
  ASSERT_TRUE(stopping);
  EXPECT_EQ(stopping->task.desiredStatus, "STOPPED");
  EXPECT_EQ(stopping->task.stoppedReason, "enough");
  EXPECT_EQ(stopping->task.stopCode, api::TaskStopCode::kUserInitiated);
  const auto again = StopTask(at.Operator("StopTask"), {.task = task.taskArn, .reason = "again"});
  EXPECT_EQ(again->task.stoppedReason, "enough");
  EXPECT_EQ(StopTask(at.Operator("StopTask"), {.task = "nothing"}).error().message,
            "The referenced task was not found.");
  EXPECT_FALSE(
      StopTask(at.Operator("StopTask"), {.task = task.taskArn, .reason = std::string(1025, 'r')}));
  EXPECT_FALSE(StopTask(at.Operator("StopTask"), {.cluster = "elsewhere", .task = task.taskArn}));
}

TEST_F(TasksTest, AreProtectedAsPartsOfServicesAlone) {
  const api::Task task = at.RunWeb();
  const Call call = at.Operator("UpdateTaskProtection");
  const auto refused = UpdateTaskProtection(
      call, {.cluster = "default", .tasks = {task.taskArn}, .protectionEnabled = true});
  EXPECT_EQ(refused->failures.at(0).reason, "TASK_NOT_VALID");
  TaskRecord record = at.Record(task);
  record.task.group = "service:web";
  at.world.PutTask(std::move(record));
  const auto done = UpdateTaskProtection(call, {.cluster = "default",
                                                .tasks = {task.taskArn},
                                                .protectionEnabled = true,
                                                .expiresInMinutes = 10});
  EXPECT_TRUE(done->protectedTasks.at(0).protectionEnabled);
  const auto shown = [&] {
    return GetTaskProtection(at.Operator("GetTaskProtection"),
                             {.cluster = "default", .tasks = {task.taskArn}})
        ->protectedTasks.at(0);
  };
  EXPECT_EQ(shown().expirationDate, at.now + std::chrono::minutes(10));
  at.now += std::chrono::minutes(11);
  EXPECT_FALSE(shown().protectionEnabled);
  EXPECT_FALSE(UpdateTaskProtection(
      call, {.cluster = "default", .tasks = {task.taskArn}, .expiresInMinutes = 2881}));
}

}  // namespace
}  // namespace berth::scheduler
