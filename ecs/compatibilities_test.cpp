#include "ecs/compatibilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

using enum Compatibility;
using testing::ElementsAre;

TaskDefinition Web(NetworkMode mode) {
  return {.family = "web",
          .containerDefinitions = {{.name = "web", .image = "nginx", .memory = 128}},
          .networkMode = mode};
}

TaskDefinition FargateSized() {
  TaskDefinition definition = Web(NetworkMode::kAwsvpc);
  definition.cpu = 256;
  definition.memory = 512;
  return definition;
}

TEST(Compatibilities, AreExternalAndEc2WithoutAnInterface) {
  EXPECT_THAT(Compatibilities(Web(NetworkMode::kBridge)), ElementsAre(kExternal, kEc2));
  EXPECT_THAT(Compatibilities(Web(NetworkMode::kHost)), ElementsAre(kExternal, kEc2));
  EXPECT_THAT(Compatibilities(Web(NetworkMode::kNone)), ElementsAre(kExternal, kEc2));
}

TEST(Compatibilities, AreFargateTooIfItsRulesHoldUnasked) {
  EXPECT_THAT(Compatibilities(FargateSized()), ElementsAre(kEc2, kFargate));
  EXPECT_THAT(Compatibilities(Web(NetworkMode::kAwsvpc)), ElementsAre(kEc2));
  TaskDefinition odd = FargateSized();
  odd.memory = 717;
  EXPECT_THAT(Compatibilities(odd), ElementsAre(kEc2));
  TaskDefinition privileged = FargateSized();
  privileged.containerDefinitions[0].privileged = true;
  EXPECT_THAT(Compatibilities(privileged), ElementsAre(kEc2));
}

TEST(Compatibilities, LeaveOutExternalForWhatAwsAloneHas) {
  TaskDefinition efs = Web(NetworkMode::kBridge);
  efs.volumes = {{.name = "data", .efsVolumeConfiguration = {{.fileSystemId = "fs-1"}}}};
  EXPECT_THAT(Compatibilities(efs), ElementsAre(kEc2));
  TaskDefinition connect = Web(NetworkMode::kBridge);
  connect.containerDefinitions[0].portMappings = {
      {.containerPort = 80, .name = "web", .appProtocol = ApplicationProtocol::kHttp}};
  EXPECT_THAT(Compatibilities(connect), ElementsAre(kEc2));
}

TEST(Compatibilities, NameManagedInstancesOnlyIfRequired) {
  TaskDefinition definition = Web(NetworkMode::kHost);
  definition.requiresCompatibilities = {kManagedInstances};
  EXPECT_THAT(Compatibilities(definition), ElementsAre(kExternal, kEc2, kManagedInstances));
}

}  // namespace
}  // namespace berth::ecs
