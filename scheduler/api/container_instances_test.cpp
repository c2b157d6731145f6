#include <gmock/gmock.h>

#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Status = api::ContainerInstanceStatus;

const std::vector<api::Resource> kTotals = {
    {.name = "CPU", .type = "INTEGER", .integerValue = 2048},
    {.name = "MEMORY", .type = "INTEGER", .integerValue = 500}};

class ContainerInstancesTest : public testing::Test {
 protected:
  ContainerInstancesTest() {
    instance = at.AddInstance({{.name = "rack", .value = "r1"}, {.name = "ecs.old"}});
    at.RegisterWeb();
  }

  Answer<api::ContainerInstanceResponse> Register(
      const Principal& caller, const api::RegisterContainerInstanceRequest& request) {
    return RegisterContainerInstance(at.As(caller, "RegisterContainerInstance"), request);
  }
  Answer<api::ContainerInstanceResponse> Deregister(const Principal& caller, bool force) {
    return DeregisterContainerInstance(at.As(caller, "DeregisterContainerInstance"),
                                       {.containerInstance = instance, .force = force});
  }
  api::ContainerInstance Described() {
    return DescribeContainerInstances(at.Operator("DescribeContainerInstances"),
                                      {.containerInstances = {instance}})
        ->containerInstances.at(0);
  }
  Answer<api::AcknowledgmentResponse> Report(const Principal& caller, const api::Task& task) {
    return SubmitTaskStateChange(at.As(caller, "SubmitTaskStateChange"),
                                 {.task = task.taskArn, .status = "RUNNING"});
  }

  TestWorld at;
  std::string instance;
};

TEST_F(ContainerInstancesTest, ShowWhatTheyHaveLeft) {
  at.RunWeb();
  const api::ContainerInstance shown = Described();
  EXPECT_EQ(shown.pendingTasksCount, 1);
  EXPECT_TRUE(shown.agentConnected);
  EXPECT_EQ(shown.remainingResources.at(0).integerValue, 924);
  EXPECT_EQ(shown.registeredResources.at(0).integerValue, 1024);
}

TEST_F(ContainerInstancesTest, RegisterAgainUnderTheirArn) {
  const auto again = Register(at.agent, {.totalResources = kTotals,
                                         .containerInstanceArn = instance,
                                         .attributes = {{.name = "ecs.new"}}});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(LastPart(again->containerInstance.containerInstanceArn), instance);
  EXPECT_EQ(Described().registeredResources.at(0).integerValue, 2048);
  std::set<std::string> names;
  for (const auto& attribute : Described().attributes) names.insert(attribute.name);
  EXPECT_THAT(names, testing::ElementsAre("ecs.availability-zone", "ecs.new", "rack"));
  EXPECT_EQ(Register(at.other_agent, {.totalResources = kTotals, .containerInstanceArn = instance})
                .error()
                .code,
            "AccessDeniedException");
  EXPECT_EQ(Register(at.agent, {.totalResources = kTotals, .containerInstanceArn = "nowhere"})
                .error()
                .code,
            "ClientException");
}

TEST_F(ContainerInstancesTest, RegisterOnceWithOneToken) {
  const api::RegisterContainerInstanceRequest request = {.totalResources = kTotals,
                                                         .clientToken = "token"};
  const auto first = Register(at.agent, request);
  const auto second = Register(at.agent, request);
  EXPECT_EQ(first->containerInstance.containerInstanceArn,
            second->containerInstance.containerInstanceArn);
  const auto other = Register(at.other_agent, request);
  EXPECT_NE(first->containerInstance.containerInstanceArn,
            other->containerInstance.containerInstanceArn);
}

TEST_F(ContainerInstancesTest, RegisterWithinBounds) {
  EXPECT_THAT(Register(at.agent, {}).error().message, HasSubstr("CPU"));
  EXPECT_THAT(Register(at.agent, {.totalResources = kTotals,
                                  .attributes = std::vector<api::Attribute>(501, {.name = "a"})})
                  .error()
                  .message,
              HasSubstr("500"));
  EXPECT_FALSE(Register(at.agent, {.totalResources = kTotals,
                                   .attributes = {{.name = "a", .value = std::string(129, 'v')}}}));
}

TEST_F(ContainerInstancesTest, DrainAndComeBack) {
  const auto set = [&](const Principal& caller, Status status) {
    return UpdateContainerInstancesState(
        at.As(caller, "UpdateContainerInstancesState"),
        {.containerInstances = {instance, "nowhere"}, .status = status});
  };
  const auto drained = set(at.boss, Status::kDraining);
  EXPECT_EQ(drained->containerInstances.at(0).status, "DRAINING");
  EXPECT_EQ(drained->failures.at(0).reason, "MISSING");
  EXPECT_EQ(RunTask(at.Operator("RunTask"), {.taskDefinition = "web"})->failures.at(0).reason,
            "AGENT");
  const auto listed = [&](Status status) {
    return ListContainerInstances(at.Operator("ListContainerInstances"), {.status = status})
        ->containerInstanceArns.size();
  };
  EXPECT_EQ(listed(Status::kDraining), 1u);
  EXPECT_EQ(listed(Status::kActive), 0u);
  EXPECT_EQ(set(at.other_agent, Status::kActive).error().code, "AccessDeniedException");
  EXPECT_TRUE(set(at.agent, Status::kActive));
  EXPECT_FALSE(set(at.boss, Status::kRegistering));
}

TEST_F(ContainerInstancesTest, ChangeNothingIfOneOfThemMayNotBeChanged) {
  const std::string second = at.AddInstance();
  const Principal caller =
      PrincipalWith(PrincipalKind::kUser, "ann",
                    fmt::format(R"({{"Statement": {{"Effect": "Allow", "Action": "*",
                       "Resource": "arn:aws:ecs:*:*:container-instance/default/{}"}}}})",
                                instance));
  const auto answer = UpdateContainerInstancesState(
      at.As(caller, "UpdateContainerInstancesState"),
      {.containerInstances = {instance, second}, .status = Status::kDraining});
  EXPECT_EQ(answer.error().code, "AccessDeniedException");
  EXPECT_EQ(Described().status, "ACTIVE");
}

TEST_F(ContainerInstancesTest, GoWithTheirTasksOnlyByForce) {
  const api::Task task = at.RunWeb();
  EXPECT_THAT(Deregister(at.boss, false).error().message, HasSubstr("running tasks"));
  EXPECT_EQ(Deregister(at.other_agent, true).error().code, "AccessDeniedException");
  const auto gone = Deregister(at.boss, true);
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->containerInstance.status, "INACTIVE");
  EXPECT_EQ(at.Record(task).task.lastStatus, "STOPPED");
  EXPECT_EQ(at.Record(task).task.stoppedReason, "Host deregistered");
  EXPECT_EQ(at.Record(task).task.containers.at(0).lastStatus, "STOPPED");
  EXPECT_EQ(at.world.CountsOfCluster("default").pending, 0);
}

TEST_F(ContainerInstancesTest, AreFilteredByQueries) {
  const auto found = [&](const char* filter) {
    return ListContainerInstances(at.Operator("ListContainerInstances"), {.filter = filter});
  };
  EXPECT_THAT(found("attribute:rack == r1")->containerInstanceArns, SizeIs(1));
  EXPECT_THAT(found("attribute:rack == r2")->containerInstanceArns, IsEmpty());
  EXPECT_FALSE(found("attribute:"));
}

TEST_F(ContainerInstancesTest, HaveAgentsThatSpeakForNoOther) {
  const api::Task task = at.RunWeb();
  EXPECT_EQ(Report(at.other_agent, task).error().code, "AccessDeniedException");
  EXPECT_EQ(at.Record(task).task.lastStatus, "PENDING");
  EXPECT_TRUE(Report(at.agent, task));
  EXPECT_EQ(at.Record(task).task.lastStatus, "RUNNING");
  // Agents drop reports of tasks that nobody knows.
  EXPECT_EQ(SubmitTaskStateChange(at.As(at.agent, "SubmitTaskStateChange"),
                                  {.task = "nothing", .status = "RUNNING"})
                .error()
                .code,
            "InvalidParameterException");
  EXPECT_FALSE(SubmitTaskStateChange(at.As(at.agent, "SubmitTaskStateChange"), {}));
  EXPECT_EQ(SubmitContainerStateChange(at.As(at.other_agent, "SubmitContainerStateChange"),
                                       {.task = task.taskArn, .containerName = "app"})
                .error()
                .code,
            "AccessDeniedException");
}

TEST_F(ContainerInstancesTest, ConfirmInterfacesOfTheirOwnTasks) {
  at.AddNetwork();
  at.Register(TestWorld::kVpc);
  const api::Task task =
      at.Run({.networkConfiguration =
                  ecs::NetworkConfiguration{.awsvpcConfiguration = {.subnets = {"subnet-a"}}},
              .taskDefinition = "vpc"});
  const InterfaceRecord interface = at.world.interfaces().all().begin()->second;
  const api::SubmitAttachmentStateChangesRequest attached = {
      .attachments = {{.attachmentArn = interface.attachment_id, .status = "ATTACHED"}}};
  EXPECT_FALSE(SubmitAttachmentStateChanges(at.As(at.other_agent, "SubmitAttachmentStateChanges"),
                                            attached));
  EXPECT_EQ(at.Record(task).task.lastStatus, "PROVISIONING");
  EXPECT_TRUE(
      SubmitAttachmentStateChanges(at.As(at.agent, "SubmitAttachmentStateChanges"), attached));
  EXPECT_EQ(at.Record(task).task.lastStatus, "PENDING");
}

TEST_F(ContainerInstancesTest, KeepReportsFromGrowingTheirRecords) {
  const api::Task task = at.RunWeb();
  ASSERT_TRUE(
      SubmitTaskStateChange(at.As(at.agent, "SubmitTaskStateChange"),
                            {.task = task.taskArn,
                             .containers = {{.containerName = "app",
                                             .runtimeId = std::string(1 << 20, 'r'),
                                             .networkBindings = std::vector<api::NetworkBinding>(
                                                 5000, {.bindIP = std::string(1000, '0')}),
                                             .reason = std::string(1 << 20, 'w'),
                                             .status = "STOPPED"}}}));
  EXPECT_LT(EncodeRecord(at.Record(task)).size(), size_t{200'000});
}

TEST_F(ContainerInstancesTest, HaveAttributesOfYourOwnUpToTen) {
  const Call put = at.Operator("PutAttributes");
  const auto one = [&](const std::string& name, const std::string& value) {
    return api::AttributesRequest{
        .attributes = {{.name = name, .value = value, .targetId = instance}}};
  };
  ASSERT_TRUE(PutAttributes(put, one("rack", "r2")));
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(PutAttributes(put, one(fmt::format("a{}", i), "v")));
  EXPECT_EQ(PutAttributes(put, one("eleventh", "v")).error().code,
            "AttributeLimitExceededException");
  EXPECT_FALSE(PutAttributes(put, one("a b", "v")));
  EXPECT_FALSE(PutAttributes(put, one("a", std::string(129, 'v'))));
  EXPECT_EQ(PutAttributes(put, {.attributes = {{.name = "a", .targetId = "nowhere"}}}).error().code,
            "TargetNotFoundException");
  const auto listed = [&](std::optional<std::string> value) {
    return ListAttributes(at.Operator("ListAttributes"),
                          {.attributeName = "rack", .attributeValue = std::move(value)})
        ->attributes;
  };
  EXPECT_THAT(listed("r2"), SizeIs(1));
  EXPECT_THAT(listed("r1"), IsEmpty());
  ASSERT_TRUE(DeleteAttributes(at.Operator("DeleteAttributes"), one("rack", "r1")));
  EXPECT_THAT(listed(std::nullopt), SizeIs(1));  // it has another value
  ASSERT_TRUE(DeleteAttributes(at.Operator("DeleteAttributes"), one("rack", "r2")));
  EXPECT_THAT(listed(std::nullopt), IsEmpty());
}

TEST_F(ContainerInstancesTest, CarryTags) {
  const std::string arn = Described().containerInstanceArn;
  const auto tag = [&](const Principal& caller, const std::string& on) {
    return TagResource(at.As(caller, "TagResource"), {on, {{"k", "v"}}});
  };
  EXPECT_TRUE(tag(at.agent, arn));
  EXPECT_EQ(tag(at.other_agent, arn).error().code, "AccessDeniedException");
  EXPECT_THAT(ListTagsForResource(at.Operator("ListTagsForResource"), {arn})->tags, SizeIs(1));
  ASSERT_TRUE(UntagResource(at.Operator("UntagResource"), {arn, {"k", "other"}}));
  EXPECT_THAT(ListTagsForResource(at.Operator("ListTagsForResource"), {arn})->tags, IsEmpty());
}

TEST_F(ContainerInstancesTest, AreTaggedByTheirOwnArnAlone) {
  // Another spelling would not be what policies speak of.
  for (const char* arn : {"arn:aws:ecs:eu-west-1:123456789012:cluster/default",
                          "arn:aws:ecs:us-east-1:999999999999:cluster/default", "default",
                          "arn:aws:ecs:us-east-1:123456789012:service/s"}) {
    EXPECT_EQ(TagResource(at.Operator("TagResource"), {arn, {{"k", "v"}}}).error().code,
              "InvalidParameterException")
        << arn;
  }
  const char* arn = "arn:aws:ecs:us-east-1:123456789012:cluster/default";
  EXPECT_TRUE(TagResource(at.Operator("TagResource"), {arn, {{"k", "v"}}}));
  EXPECT_FALSE(TagResource(at.Operator("TagResource"), {arn, {{"aws:k", "v"}}}));
  EXPECT_FALSE(TagResource(at.Operator("TagResource"), {arn, {{"k", "v"}, {"k", "w"}}}));
}

}  // namespace
}  // namespace berth::scheduler
