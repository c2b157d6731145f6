#include "ecs/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ecs/names.h"
#include "ecs/validate.h"

namespace berth::ecs {
namespace {

// Parses a task of one container "web", with more fields for the container.
Result<TaskDefinition> ParseContainer(const std::string& fields) {
  return ParseTaskDefinition(R"({"family":"shop","containerDefinitions":[)"
                             R"({"name":"web","image":"nginx","memory":64,)" +
                             fields + "}]}");
}

TEST(ParseTaskDefinition, FillsInTheDefaultsOfEcs) {
  const auto task = ParseContainer(R"("healthCheck":{"command":["CMD","true"]},
                                      "portMappings":[{"containerPort":80}],
                                      "restartPolicy":{"enabled":true})");
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_EQ(task->networkMode, NetworkMode::kBridge);
  const ContainerDefinition& web = task->containerDefinitions[0];
  EXPECT_TRUE(web.essential);
  EXPECT_EQ(web.cpu, 0);
  EXPECT_EQ(web.healthCheck->interval, 30);
  EXPECT_EQ(web.healthCheck->timeout, 5);
  EXPECT_EQ(web.healthCheck->retries, 3);
  EXPECT_EQ(web.healthCheck->startPeriod, 0);
  EXPECT_EQ(web.restartPolicy->restartAttemptPeriod, 300);
  EXPECT_EQ(web.portMappings[0].protocol, TransportProtocol::kTcp);
  EXPECT_EQ(web.portMappings[0].hostPort, std::nullopt);
  EXPECT_EQ(web.stopTimeout, std::nullopt);
}

TEST(ParseTaskDefinition, KeepsRevisionAndTagsOfADescription) {
  const auto task = ParseTaskDefinition(R"({"tags":[{"key":"a","value":"b"}],"taskDefinition":{
      "taskDefinitionArn":"arn","revision":7,"status":"ACTIVE","family":"shop","memory":"1 GB",
      "containerDefinitions":[{"name":"web","image":"nginx"}]}})");
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_EQ(task->revision, 7);
  EXPECT_EQ(task->memory, 1024);
  EXPECT_EQ(task->tags, (std::vector<Tag>{{.key = "a", .value = "b"}}));
}

TEST(ParseTaskDefinition, CountsNullAsAbsent) {
  const auto task = ParseContainer(R"("user":null,"healthCheck":null,"environment":null)");
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_EQ(task->containerDefinitions[0].healthCheck, std::nullopt);
}

TEST(ParseTaskDefinition, PutsTasksOfManagedInstancesIntoAwsvpc) {
  const auto task = ParseTaskDefinition(R"({"family":"shop","memory":"64",
      "requiresCompatibilities":["MANAGED_INSTANCES"],
      "containerDefinitions":[{"name":"web","image":"nginx"}]})");
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_EQ(task->networkMode, NetworkMode::kAwsvpc);
}

TEST(ParseTaskDefinition, ReadsUnlimitedUlimits) {
  const auto task =
      ParseContainer(R"("ulimits":[{"name":"memlock","softLimit":-1,"hardLimit":-1}])");
  ASSERT_TRUE(task) << task.error().message();
  EXPECT_EQ(task->containerDefinitions[0].ulimits[0].name, UlimitName::kMemlock);
  EXPECT_EQ(task->containerDefinitions[0].ulimits[0].hardLimit, -1);
}

TEST(ParseTaskDefinition, RefusesHugeTextUnread) {
  const auto task = ParseTaskDefinition(std::string(600 * 1024, '['));
  ASSERT_FALSE(task);
  EXPECT_EQ(task.error().message(), "must be at most 512 KiB of JSON, not 600");
}

TEST(ParseTaskDefinition, SaysNothingMoreOfWhatItCouldNotRead) {
  const auto task = ParseTaskDefinition(R"({"family":["shop"],"containerDefinitions":{}})");
  ASSERT_FALSE(task);
  EXPECT_EQ(task.error().message(),
            "family: must be a string, not array\n"
            "containerDefinitions: must be a list, not object");
}

TEST(ValidateTaskDefinition, JudgesWhatNoParserMade) {
  TaskDefinition task{.family = "shop",
                      .containerDefinitions = {{.name = "web", .image = "nginx", .memory = 64}}};
  EXPECT_TRUE(ValidateTaskDefinition(task));
  task.containerDefinitions[0].portMappings = {{.containerPort = 0}};
  task.containerDefinitions[0].environment = {{.name = "", .value = "x"}};
  EXPECT_THAT(FindProblems(task).all(),
              testing::ElementsAre(
                  "containerDefinitions[0].environment[0]: name is required",
                  "containerDefinitions[0].portMappings[0].containerPort: must be from 1 to 65535, "
                  "not 0"));
}

// The tables go by the order of the enumerators: their ends tell whether one is missing.
TEST(Names, FollowTheEnumerators) {
  EXPECT_EQ(NameOf(NetworkMode::kNone), "none");
  EXPECT_EQ(NameOf(IpcMode::kNone), "none");
  EXPECT_EQ(NameOf(PidMode::kTask), "task");
  EXPECT_EQ(NameOf(Compatibility::kManagedInstances), "MANAGED_INSTANCES");
  EXPECT_EQ(NameOf(CpuArchitecture::kArm64), "ARM64");
  EXPECT_EQ(NameOf(OperatingSystemFamily::kWindowsServer2025Full), "WINDOWS_SERVER_2025_FULL");
  EXPECT_EQ(NameOf(VolumeScope::kShared), "shared");
  EXPECT_EQ(NameOf(Switch::kEnabled), "ENABLED");
  EXPECT_EQ(NameOf(ContainerCondition::kHealthy), "HEALTHY");
  EXPECT_EQ(NameOf(VersionConsistency::kDisabled), "disabled");
  EXPECT_EQ(NameOf(UlimitName::kStack), "stack");
  EXPECT_EQ(NameOf(UlimitName::kNofile), "nofile");
  EXPECT_EQ(NameOf(LogDriver::kAwsfirelens), "awsfirelens");
  EXPECT_EQ(NameOf(ResourceType::kNeuronDevice), "NeuronDevice");
  EXPECT_EQ(NameOf(FirelensConfigurationType::kFluentbit), "fluentbit");
  EXPECT_EQ(NameOf(DevicePermission::kMknod), "mknod");
  EXPECT_EQ(FromName<TransportProtocol>("udp"), TransportProtocol::kUdp);
  EXPECT_EQ(FromName<TransportProtocol>("sctp"), std::nullopt);
}

}  // namespace
}  // namespace berth::ecs
