#include "ecs/overrides.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

TaskDefinition Shop() {
  return {.family = "shop",
          .containerDefinitions = {
              {.name = "web",
               .image = "nginx",
               .memory = 128,
               .command = {"nginx"},
               .environment = {{.name = "PORT", .value = "80"}, {.name = "MODE", .value = "prod"}}},
              {.name = "job", .image = "busybox", .memory = 64, .essential = false}}};
}

TaskOverride Parsed(std::string_view json) {
  auto overrides = ParseTaskOverride(json);
  EXPECT_TRUE(overrides) << overrides.error().message();
  return overrides ? *overrides : TaskOverride{};
}

std::string OverridesError(std::string_view json) {
  const auto overrides = ParseTaskOverride(json);
  return overrides ? "no error" : overrides.error().message();
}

TEST(ParseTaskOverride, ReadsEveryFieldBareOrNamed) {
  const char* bare = R"({"containerOverrides":[{"name":"web","command":["sh"],
      "environment":[{"name":"A","value":"1"}],
      "environmentFiles":[{"type":"s3","value":"arn:aws:s3:::b/c.env"}],"cpu":10,"memory":64,
      "memoryReservation":32,"resourceRequirements":[{"type":"GPU","value":"1"}]}],
      "cpu":"256","memory":"1 GB","taskRoleArn":"app","executionRoleArn":"exec",
      "ephemeralStorage":{"sizeInGiB":30},
      "inferenceAcceleratorOverrides":[{"deviceName":"a","deviceType":"b"}]})";
  const TaskOverride overrides = Parsed(bare);
  EXPECT_EQ(overrides.memory, 1024);
  EXPECT_EQ(overrides.containerOverrides[0].memoryReservation, 32);
  EXPECT_EQ(overrides.ephemeralStorage->sizeInGiB, 30);
  EXPECT_EQ(Parsed(R"({"overrides":)" + std::string(bare) + "}"), overrides);
}

TEST(ParseTaskOverride, DropsTheBlanksOfASkeleton) {
  EXPECT_EQ(Parsed(R"({"containerOverrides":[{"name":"","command":[""],"environment":
      [{"name":"","value":""}],"cpu":0,"memory":0}],"cpu":"","memory":"","taskRoleArn":"",
      "ephemeralStorage":{"sizeInGiB":0}})"),
            TaskOverride{});
}

TEST(ParseTaskOverride, ComplainsWithThePath) {
  EXPECT_EQ(OverridesError(R"({"containerOverride":[]})"), "unknown field \"containerOverride\"");
  EXPECT_EQ(OverridesError(R"({"containerOverrides":[{"name":"web","image":"other"}]})"),
            "containerOverrides[0]: unknown field \"image\"");
  EXPECT_EQ(OverridesError(R"({"containerOverrides":[{"cpu":1,"memory":1}],"cpu":"x"})"),
            "cpu: must be CPU units as \"256\" or vCPUs as \"0.25 vCPU\", not \"x\"");
  EXPECT_EQ(OverridesError(R"({"containerOverrides":[{"cpu":1,"memory":1}]})"),
            "containerOverrides[0]: name is required\n"
            "containerOverrides[0].memory: must be at least 4, not 1");
}

TEST(ApplyOverrides, MergesTheEnvironmentByName) {
  const auto task = ApplyOverrides(Shop(), Parsed(R"({"containerOverrides":[{"name":"web",
      "environment":[{"name":"MODE","value":"debug"},{"name":"NEW","value":""}]}]})"));
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_THAT(task->containerDefinitions[0].environment,
              testing::ElementsAre(KeyValuePair{"PORT", "80"}, KeyValuePair{"MODE", "debug"},
                                   KeyValuePair{"NEW", ""}));
  EXPECT_EQ(task->containerDefinitions[1], Shop().containerDefinitions[1]);
}

TEST(ApplyOverrides, LetsAVariableWinOverASecret) {
  TaskDefinition shop = Shop();
  shop.executionRoleArn = "exec";
  shop.containerDefinitions[0].secrets = {{.name = "TOKEN", .valueFrom = "/token"}};
  const auto task = ApplyOverrides(shop, Parsed(R"({"containerOverrides":[{"name":"web",
      "environment":[{"name":"TOKEN","value":"test"}]}]})"));
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_TRUE(task->containerDefinitions[0].secrets.empty());
}

TEST(ApplyOverrides, ReplacesWhatIsGivenAndLeavesTheRest) {
  const auto task = ApplyOverrides(Shop(), Parsed(R"({"cpu":"0.5 vCPU","memory":"512",
      "taskRoleArn":"app","containerOverrides":[{"name":"job","command":["sleep","1"],
      "cpu":10,"memory":96,"memoryReservation":32}]})"));
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_EQ(task->cpu, 512);
  EXPECT_EQ(task->memory, 512);
  EXPECT_EQ(task->taskRoleArn, "app");
  EXPECT_EQ(task->executionRoleArn, std::nullopt);
  EXPECT_THAT(task->containerDefinitions[0].command, testing::ElementsAre("nginx"));
  const ContainerDefinition& job = task->containerDefinitions[1];
  EXPECT_THAT(job.command, testing::ElementsAre("sleep", "1"));
  EXPECT_EQ(job.memory, 96);
  EXPECT_EQ(job.memoryReservation, 32);
}

TEST(ApplyOverrides, RefusesNamesThatAreNotThere) {
  const auto task = ApplyOverrides(Shop(), Parsed(R"({"containerOverrides":[{"name":"web"},
      {"name":"wbe"}],"inferenceAcceleratorOverrides":[{"deviceName":"d","deviceType":"t"}]})"));
  ASSERT_FALSE(task);
  EXPECT_EQ(task.error().message(),
            "containerOverrides[1].name: no container is named \"wbe\"\n"
            "inferenceAcceleratorOverrides[0].deviceName: no inferenceAccelerator is named \"d\"");
}

TEST(ApplyOverrides, RefusesAResultThatIsNoTask) {
  const auto task = ApplyOverrides(Shop(), Parsed(R"({"memory":"100"})"));
  ASSERT_FALSE(task);
  EXPECT_EQ(task.error().message(),
            "containerDefinitions[0].memory: must not be more than the task's memory (100 MiB), "
            "not 128\n"
            "memory: must hold what the containers reserve (192 MiB), not 100");
}

}  // namespace
}  // namespace berth::ecs
