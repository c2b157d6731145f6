#include "scheduler/api/dispatch.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::HasSubstr;

// A body with all that each operation requires.
constexpr const char* kBody = R"({
    "cluster": "default", "tasks": ["t"], "task": "t", "taskDefinition": "web",
    "taskDefinitions": ["web:1"], "containerInstance": "i", "containerInstances": ["i"],
    "status": "ACTIVE", "clusters": ["default"], "attributes": [{"name": "a", "targetId": "i"}],
    "targetType": "container-instance", "protectionEnabled": true, "tags": [], "tagKeys": [],
    "resourceArn": "arn:aws:ecs:us-east-1:123456789012:cluster/default",
    "attachments": [], "settings": []})";

TEST(Dispatch, AnswersUnknownNames) {
  TestWorld at;
  const auto unknown = Dispatch(at.Operator("MakeCoffee"), "{}");
  EXPECT_EQ(unknown.error().code, "UnknownOperationException");
  const auto later = Dispatch(at.Operator("CreateTaskSet"), "{}");
  EXPECT_EQ(later.error().code, "UnsupportedFeatureException");
  EXPECT_THAT(later.error().message, HasSubstr("CreateTaskSet"));
}

TEST(Dispatch, RefusesBodiesThatItCannotRead) {
  TestWorld at;
  for (const char* body : {"{", "[]", "\"text\"", "{\"tasks\": 3}"}) {
    EXPECT_EQ(Dispatch(at.Operator("DescribeTasks"), body).error().code, "SerializationException")
        << body;
  }
  EXPECT_EQ(Dispatch(at.Operator("RegisterTaskDefinition"), "{").error().code, "ClientException");
}

TEST(Dispatch, DeniesEveryOperationToWhoMayDoNothing) {
  TestWorld at;
  at.RegisterWeb();
  InstanceRecord instance = {.cluster = "default", .id = "i", .registered_by = at.agent.arn};
  instance.instance.containerInstanceArn = at.Operator("").arns().Instance("default", "i");
  at.world.PutInstance(std::move(instance));
  const Principal nobody = {.arn = "arn:aws:iam::123456789012:user/nobody", .name = "nobody"};
  for (const OperationInfo& operation : AllOperations()) {
    if (!operation.served) continue;
    const std::string_view body =
        operation.name == "RegisterTaskDefinition" ? TestWorld::kWeb : std::string_view(kBody);
    const auto answer = Dispatch(at.As(nobody, std::string(operation.name)), body);
    ASSERT_FALSE(answer) << operation.name;
    EXPECT_EQ(answer.error().code, "AccessDeniedException")
        << operation.name << ": " << answer.error().message;
    EXPECT_THAT(answer.error().message, HasSubstr(std::string(operation.name)));
  }
}

TEST(Dispatch, KnowsConditionsOnTheClusterAndTheAddress) {
  TestWorld at;
  Principal caller = PrincipalWith(PrincipalKind::kUser, "ann", R"({"Statement": {
      "Effect": "Allow", "Action": "ecs:ListTasks", "Resource": "*", "Condition": {
        "ArnEquals": {"ecs:cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/default"},
        "IpAddress": {"aws:SourceIp": "10.1.0.0/16"}}}})");
  EXPECT_FALSE(Dispatch(at.As(caller, "ListTasks"), "{}"));
  caller.source_ip = "10.1.2.3";
  EXPECT_TRUE(Dispatch(at.As(caller, "ListTasks"), "{}"));
  caller.source_ip = "10.2.2.3";
  EXPECT_FALSE(Dispatch(at.As(caller, "ListTasks"), "{}"));
}

TEST(Dispatch, IsDescribedByTheCoveragePage) {
  const auto page = ReadFile(BERTH_SOURCE_DIR "/docs/api-coverage.md");
  ASSERT_TRUE(page);
  EXPECT_EQ(*page, ApiCoveragePage()) << "berth-scheduler --api-coverage > docs/api-coverage.md";
}

}  // namespace
}  // namespace berth::scheduler
