#include <gmock/gmock.h>

#include "ecs/api/codec.h"
#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

class RunTaskTest : public testing::Test {
 protected:
  Answer<api::TasksResponse> Run(const api::RunTaskRequest& request) {
    return RunTask(at.Operator("RunTask"), request);
  }
  // "Code: message" of the refusal.
  std::string Refusal(const api::RunTaskRequest& request) {
    const auto answer = Run(request);
    return answer ? "" : answer.error().code + ": " + answer.error().message;
  }

  TestWorld at;
};

TEST_F(RunTaskTest, PutsTasksOnInstances) {
  const std::string instance = at.AddInstance();
  at.RegisterWeb();
  const auto answer = Run({.count = 3, .startedBy = "me", .taskDefinition = "web"});
  ASSERT_TRUE(answer);
  ASSERT_THAT(answer->tasks, SizeIs(3));
  const api::Task& task = answer->tasks.front();
  EXPECT_EQ(task.lastStatus, "PENDING");
  EXPECT_EQ(task.desiredStatus, "RUNNING");
  EXPECT_EQ(task.group, "family:web");
  EXPECT_EQ(task.startedBy, "me");
  EXPECT_EQ(task.availabilityZone, "us-east-1a");
  EXPECT_EQ(LastPart(*task.containerInstanceArn), instance);
  EXPECT_THAT(task.containers, SizeIs(1));
  EXPECT_EQ(at.world.Candidate(at.KeyOf(instance))->left.memory, 700);
}

TEST_F(RunTaskTest, TakesOneToTenTasks) {
  at.AddInstance();
  at.RegisterWeb();
  for (const int64_t count : {int64_t{0}, int64_t{-1}, int64_t{11}}) {
    EXPECT_THAT(Refusal({.count = count, .taskDefinition = "web"}), HasSubstr("count must be"));
  }
  EXPECT_THAT(Run({.count = 10, .taskDefinition = "web"})->tasks, SizeIs(10));
}

TEST_F(RunTaskTest, SaysWhatFellShort) {
  const std::string instance = at.AddInstance();
  at.Register(
      R"({"family": "big", "containerDefinitions": [{"name": "a", "image": "i", "memory": 600}]})");
  const auto answer = Run({.count = 2, .taskDefinition = "big"});
  EXPECT_THAT(answer->tasks, SizeIs(1));
  ASSERT_THAT(answer->failures, SizeIs(1));
  EXPECT_EQ(answer->failures[0].reason, "RESOURCE:MEMORY");
  EXPECT_EQ(LastPart(*answer->failures[0].arn), instance);
  at.world.SetConnected(at.KeyOf(instance), false);
  EXPECT_EQ(Run({.taskDefinition = "big"})->failures.at(0).reason, "AGENT");
}

TEST_F(RunTaskTest, RefusesAClusterWithoutInstances) {
  at.RegisterWeb();
  EXPECT_EQ(Refusal({.taskDefinition = "web"}),
            "InvalidParameterException: No Container Instances were found in your cluster.");
}

TEST_F(RunTaskTest, KnowsLaunchTypes) {
  const std::string ours = at.AddInstance();
  const std::string external = at.AddInstance({{.name = "ecs.capability.external"}});
  at.RegisterWeb();
  const auto on = [&](api::LaunchType type) {
    const auto answer = Run({.launchType = type, .taskDefinition = "web"});
    return answer ? std::string(LastPart(*answer->tasks.at(0).containerInstanceArn))
                  : answer.error().code;
  };
  EXPECT_EQ(on(api::LaunchType::kEc2), ours);
  EXPECT_EQ(on(api::LaunchType::kExternal), external);
  EXPECT_EQ(on(api::LaunchType::kFargate), "ClientException");
  EXPECT_EQ(on(api::LaunchType::kManagedInstances), "ClientException");
}

TEST_F(RunTaskTest, KeepsToConstraints) {
  at.AddInstance({{.name = "rack", .value = "r1"}});
  const std::string wanted = at.AddInstance({{.name = "rack", .value = "r2"}});
  at.RegisterWeb();
  const api::TaskPlacementConstraint rack = {.expression = "attribute:rack == r2"};
  const auto on_rack = Run({.placementConstraints = {rack}, .taskDefinition = "web"});
  EXPECT_EQ(LastPart(*on_rack->tasks.at(0).containerInstanceArn), wanted);
  const api::TaskPlacementConstraint distinct = {.type =
                                                     api::TaskConstraintType::kDistinctInstance};
  const auto spread =
      Run({.count = 3, .group = "g", .placementConstraints = {distinct}, .taskDefinition = "web"});
  EXPECT_THAT(spread->tasks, SizeIs(2));
  EXPECT_EQ(spread->failures.at(0).reason, "DistinctInstance placement constraint unsatisfied.");
}

TEST_F(RunTaskTest, RefusesConstraintsAndStrategiesThatMakeNoSense) {
  at.AddInstance();
  at.RegisterWeb();
  EXPECT_THAT(
      Refusal({.placementConstraints = {{.expression = "attribute:"}}, .taskDefinition = "web"}),
      HasSubstr("placementConstraints"));
  EXPECT_THAT(Refusal({.placementConstraints = {{.type = api::TaskConstraintType::kDistinctInstance,
                                                 .expression = "true"}},
                       .taskDefinition = "web"}),
              HasSubstr("distinctInstance"));
  EXPECT_THAT(Refusal({.placementConstraints = std::vector<api::TaskPlacementConstraint>(11),
                       .taskDefinition = "web"}),
              HasSubstr("at most 10"));
  EXPECT_THAT(Refusal({.placementStrategy = std::vector<api::PlacementStrategy>(6),
                       .taskDefinition = "web"}),
              HasSubstr("at most 5"));
  EXPECT_THAT(Refusal({.placementStrategy = {{.type = api::PlacementStrategyType::kBinpack,
                                              .field = "disk"}},
                       .taskDefinition = "web"}),
              HasSubstr("placementStrategy"));
  EXPECT_THAT(
      Refusal({.capacityProviderStrategy = {{.capacityProvider = "p"}}, .taskDefinition = "web"}),
      HasSubstr("capacityProviderStrategy"));
}

TEST_F(RunTaskTest, FollowsStrategies) {
  at.AddInstance();
  at.AddInstance();
  at.RegisterWeb();
  const auto packed =
      Run({.count = 4,
           .placementStrategy = {{.type = api::PlacementStrategyType::kBinpack, .field = "memory"}},
           .taskDefinition = "web"});
  std::set<std::string> used;
  for (const api::Task& task : packed->tasks) used.insert(*task.containerInstanceArn);
  EXPECT_THAT(used, SizeIs(1));
  const auto spread = Run(
      {.count = 4,
       .group = "other",
       .placementStrategy = {{.type = api::PlacementStrategyType::kSpread, .field = "instanceId"}},
       .taskDefinition = "web"});
  for (const api::Task& task : spread->tasks) used.insert(*task.containerInstanceArn);
  EXPECT_THAT(used, SizeIs(2));
}

TEST_F(RunTaskTest, AnswersARepeatedTokenWithTheSameTasks) {
  at.AddInstance();
  at.RegisterWeb();
  const api::RunTaskRequest request = {.count = 2, .taskDefinition = "web", .clientToken = "once"};
  const auto first = Run(request);
  ASSERT_THAT(first->tasks, SizeIs(2));
  // Whatever has happened to the definition since.
  ASSERT_TRUE(DeregisterTaskDefinition(at.Operator("DeregisterTaskDefinition"),
                                       {.taskDefinition = "web:1"}));
  const auto second = Run(request);
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_THAT(second->tasks, SizeIs(2));
  EXPECT_EQ(second->tasks[0].taskArn, first->tasks[0].taskArn);
  EXPECT_THAT(at.world.tasks().all(), SizeIs(2));
}

TEST_F(RunTaskTest, RefusesATokenWithAnotherRequest) {
  at.AddInstance();
  at.RegisterWeb();
  ASSERT_TRUE(Run({.taskDefinition = "web", .clientToken = "once"}));
  EXPECT_THAT(Refusal({.count = 2, .taskDefinition = "web", .clientToken = "once"}),
              HasSubstr("ConflictException"));
  EXPECT_THAT(Refusal({.taskDefinition = "web", .clientToken = std::string(65, 't')}),
              HasSubstr("clientToken"));
}

TEST_F(RunTaskTest, WantsANetworkForAwsvpcAlone) {
  at.AddInstance();
  at.AddNetwork();
  at.RegisterWeb();
  at.Register(TestWorld::kVpc);
  const auto network = [](std::vector<std::string> subnets, std::vector<std::string> groups = {}) {
    return ecs::NetworkConfiguration{.awsvpcConfiguration = {.subnets = std::move(subnets),
                                                             .securityGroups = std::move(groups)}};
  };
  EXPECT_THAT(Refusal({.taskDefinition = "vpc"}), HasSubstr("must be provided"));
  EXPECT_THAT(Refusal({.networkConfiguration = network({"subnet-a"}), .taskDefinition = "web"}),
              HasSubstr("not valid for the given networkMode"));
  EXPECT_THAT(Refusal({.networkConfiguration = network({"subnet-x"}), .taskDefinition = "vpc"}),
              HasSubstr("'subnet-x' does not exist"));
  EXPECT_THAT(Refusal({.networkConfiguration = network({}), .taskDefinition = "vpc"}),
              HasSubstr("1 to 16"));
  EXPECT_THAT(
      Refusal({.networkConfiguration = network({"subnet-a"}, {"sg-x"}), .taskDefinition = "vpc"}),
      HasSubstr("'sg-x' does not exist"));
  const auto ran = Run({.networkConfiguration = network({"subnet-a"}), .taskDefinition = "vpc"});
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->tasks.at(0).lastStatus, "PROVISIONING");
  EXPECT_THAT(ran->tasks.at(0).attachments, SizeIs(1));
  EXPECT_EQ(at.world.AddressesOf("subnet-a").size(), 1u);
}

TEST_F(RunTaskTest, WantsRolesThatAreThereAndTrustTasks) {
  at.AddInstance();
  at.Register(R"({"family": "r", "taskRoleArn": "arn:aws:iam::123456789012:role/r",
                  "containerDefinitions": [{"name": "a", "image": "i", "memory": 10}]})");
  EXPECT_THAT(Refusal({.taskDefinition = "r"}), HasSubstr("does not exist"));
  at.AddRole("r", "ec2.amazonaws.com");
  EXPECT_THAT(Refusal({.taskDefinition = "r"}), HasSubstr("trust policy"));
  at.AddRole("r");
  const auto ran = Run({.taskDefinition = "r"});
  ASSERT_TRUE(ran) << ran.error().message;
  EXPECT_NE(at.Record(ran->tasks.at(0)).role_credentials_id, "");
  const ecs::TaskOverride foreign = {.taskRoleArn = "arn:aws:iam::999999999999:role/r"};
  EXPECT_THAT(Refusal({.overrides = foreign, .taskDefinition = "r"}), HasSubstr("does not exist"));
}

TEST_F(RunTaskTest, AsksForPassRoleHoweverTheRoleIsNamed) {
  at.AddInstance();
  at.RegisterWeb();
  at.AddRole("admin");
  const Principal caller = PrincipalWith(PrincipalKind::kUser, "ann", R"({"Statement": [
      {"Effect": "Allow", "Action": "*", "Resource": "*"},
      {"Effect": "Deny", "Action": "iam:PassRole",
       "Resource": "arn:aws:iam::123456789012:role/admin"}]})");
  at.Register(R"({"family": "r", "taskRoleArn": "admin",
                  "containerDefinitions": [{"name": "a", "image": "i", "memory": 10}]})");
  const Call call = at.As(caller, "RunTask");
  EXPECT_TRUE(RunTask(call, {.taskDefinition = "web"}));
  EXPECT_EQ(RunTask(call, {.taskDefinition = "r"}).error().code, "AccessDeniedException");
  for (const char* role : {"admin", "arn:aws:iam::123456789012:role/admin"}) {
    const auto answer = RunTask(
        call, {.overrides = ecs::TaskOverride{.taskRoleArn = role}, .taskDefinition = "web"});
    EXPECT_EQ(answer.error().code, "AccessDeniedException") << role;
  }
}

TEST_F(RunTaskTest, RefusesDefinitionsThatAreGoneOrInactive) {
  at.AddInstance();
  EXPECT_THAT(Refusal({.taskDefinition = "web"}), HasSubstr("Unable to describe"));
  at.RegisterWeb();
  ASSERT_TRUE(DeregisterTaskDefinition(at.Operator("DeregisterTaskDefinition"),
                                       {.taskDefinition = "web:1"}));
  EXPECT_THAT(Refusal({.taskDefinition = "web:1"}), HasSubstr("inactive"));
  EXPECT_THAT(Refusal({.cluster = "elsewhere", .taskDefinition = "web:1"}),
              HasSubstr("ClusterNotFoundException"));
  EXPECT_THAT(Refusal({.group = "service:x", .taskDefinition = "web:1"}), HasSubstr("inactive"));
}

TEST_F(RunTaskTest, StartsTasksOnInstancesThatAreNamed) {
  const std::string instance = at.AddInstance();
  at.RegisterWeb();
  const Call call = at.Operator("StartTask");
  const auto started =
      StartTask(call, {.containerInstances = {instance, "nowhere"}, .taskDefinition = "web"});
  ASSERT_TRUE(started);
  EXPECT_THAT(started->tasks, SizeIs(1));
  EXPECT_EQ(started->failures.at(0).reason, "MISSING");
  EXPECT_FALSE(StartTask(call, {.taskDefinition = "web"}));
  at.world.SetConnected(at.KeyOf(instance), false);
  EXPECT_EQ(StartTask(call, {.containerInstances = {instance}, .taskDefinition = "web"})
                ->failures.at(0)
                .reason,
            "AGENT");
}

}  // namespace
}  // namespace berth::scheduler
