#include <gmock/gmock.h>

#include "scheduler/server/housekeeping.h"
#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using DefinitionStatus = api::TaskDefinitionStatus;

class TaskDefinitionsTest : public testing::Test {
 protected:
  std::string Described(const std::string& name) {
    const auto described =
        DescribeTaskDefinition(at.Operator("DescribeTaskDefinition"), {.taskDefinition = name});
    return described ? std::string(LastPart(described->taskDefinition.taskDefinitionArn))
                     : described.error().code;
  }
  bool Deregister(const std::string& name) {
    return DeregisterTaskDefinition(at.Operator("DeregisterTaskDefinition"), {name}).has_value();
  }
  api::DeleteTaskDefinitionsResponse Delete(const std::string& name) {
    return *DeleteTaskDefinitions(at.Operator("DeleteTaskDefinitions"), {{name}});
  }
  std::vector<std::string> List(api::ListTaskDefinitionsRequest request) {
    std::vector<std::string> names;
    const auto listed = ListTaskDefinitions(at.Operator("ListTaskDefinitions"), request);
    for (const std::string& arn : listed->taskDefinitionArns) {
      names.emplace_back(LastPart(arn));
    }
    return names;
  }

  TestWorld at;
};

TEST_F(TaskDefinitionsTest, HaveRevisionsThatAreNeverGivenTwice) {
  EXPECT_EQ(at.RegisterWeb(), "web:1");
  EXPECT_EQ(at.RegisterWeb(), "web:2");
  ASSERT_TRUE(Deregister("web:2"));
  EXPECT_THAT(Delete("web:2").taskDefinitions, SizeIs(1));
  TidyUp(at.world, {}, at.now);
  EXPECT_EQ(Described("web:2"), "ClientException");
  EXPECT_EQ(at.RegisterWeb(), "web:3");
}

TEST_F(TaskDefinitionsTest, AreFoundByEachOfTheirNames) {
  at.RegisterWeb();
  at.RegisterWeb();
  EXPECT_EQ(Described("web"), "web:2");
  EXPECT_EQ(Described("web:1"), "web:1");
  EXPECT_EQ(Described("arn:aws:ecs:us-east-1:123456789012:task-definition/web:1"), "web:1");
  ASSERT_TRUE(Deregister("web:2"));
  EXPECT_EQ(Described("web"), "web:1");
  EXPECT_EQ(Described("web:2"), "web:2");
  EXPECT_EQ(Described("we"), "ClientException");
  EXPECT_EQ(Described("web:0"), "ClientException");
  EXPECT_EQ(Described("web:x"), "ClientException");
  EXPECT_EQ(Described("arn:aws:ecs:us-east-1:123456789012:cluster/web"),
            "InvalidParameterException");
  EXPECT_FALSE(Deregister("web"));
}

TEST_F(TaskDefinitionsTest, AreListedInPagesInTheOrderOfNumbers) {
  for (int i = 0; i < 11; ++i) at.RegisterWeb();
  at.Register(TestWorld::kVpc);
  EXPECT_THAT(List({.familyPrefix = "web"}), SizeIs(11));
  EXPECT_EQ(List({.familyPrefix = "web"}).back(), "web:11");
  EXPECT_EQ(List({.familyPrefix = "web", .sort = api::SortOrder::kDesc}).front(), "web:11");
  const auto first = ListTaskDefinitions(at.Operator("ListTaskDefinitions"), {.maxResults = 5});
  EXPECT_THAT(first->taskDefinitionArns, SizeIs(5));
  EXPECT_THAT(List({.nextToken = first->nextToken}), SizeIs(7));
  ASSERT_TRUE(Deregister("web:3"));
  EXPECT_THAT(List({.status = DefinitionStatus::kInactive}), ElementsAre("web:3"));
}

TEST_F(TaskDefinitionsTest, MakeFamilies) {
  at.RegisterWeb();
  at.Register(TestWorld::kVpc);
  ASSERT_TRUE(Deregister("vpc:1"));
  const auto families = [&](std::optional<api::TaskDefinitionFamilyStatus> status) {
    return ListTaskDefinitionFamilies(at.Operator("ListTaskDefinitionFamilies"), {.status = status})
        ->families;
  };
  using Family = api::TaskDefinitionFamilyStatus;
  EXPECT_THAT(families(std::nullopt), ElementsAre("vpc", "web"));
  EXPECT_THAT(families(Family::kActive), ElementsAre("web"));
  EXPECT_THAT(families(Family::kInactive), ElementsAre("vpc"));
}

TEST_F(TaskDefinitionsTest, AreDeletedOnlyWhenInactive) {
  at.RegisterWeb();
  EXPECT_THAT(Delete("web:1").failures, SizeIs(1));
  EXPECT_EQ(Delete("web:9").failures.at(0).reason, "MISSING");
  EXPECT_FALSE(DeleteTaskDefinitions(at.Operator("DeleteTaskDefinitions"), {}));
}

TEST_F(TaskDefinitionsTest, StayUntilTheirTasksHaveStopped) {
  at.AddInstance();
  at.RegisterWeb();
  const api::Task task = at.RunWeb();
  ASSERT_TRUE(Deregister("web:1"));
  EXPECT_EQ(Delete("web:1").taskDefinitions.at(0).status, DefinitionStatus::kDeleteInProgress);
  TidyUp(at.world, {}, at.now);
  EXPECT_EQ(Described("web:1"), "web:1");
  TaskRecord record = at.Record(task);
  record.task.lastStatus = "STOPPED";
  record.task.stoppedAt = at.now;
  at.world.PutTask(std::move(record));
  TidyUp(at.world, {}, at.now);
  EXPECT_EQ(Described("web:1"), "ClientException");
}

}  // namespace
}  // namespace berth::scheduler
