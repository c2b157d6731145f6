#include "agent/task/unsupported.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::agent {
namespace {

TEST(UnsupportedTest, NamesEachFieldByItsPath) {
  ecs::TaskDefinition definition = {.containerDefinitions = {{}, {}}, .taskRoleArn = "arn:x"};
  definition.volumes = {{.name = "v", .configuredAtLaunch = true}};
  definition.containerDefinitions[1].firelensConfiguration.emplace();
  definition.containerDefinitions[1].logConfiguration = {.logDriver = ecs::LogDriver::kAwslogs};
  EXPECT_THAT(FindUnsupported(definition),
              testing::UnorderedElementsAre("taskRoleArn", "volumes[0].configuredAtLaunch",
                                            "containerDefinitions[1].firelensConfiguration",
                                            "containerDefinitions[1].logConfiguration.logDriver"));
}

TEST(UnsupportedTest, KnowsWhatRunsAsWritten) {
  ecs::TaskDefinition definition = {.containerDefinitions = {{}}};
  definition.containerDefinitions[0].dockerSecurityOptions = {"no-new-privileges"};
  definition.containerDefinitions[0].logConfiguration = {.options = {{"max-size", "10m"}}};
  EXPECT_THAT(FindUnsupported(definition), testing::IsEmpty());
}

}  // namespace
}  // namespace berth::agent
