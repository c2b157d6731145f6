#include "agent/task/oci_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::agent {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

class OciSpecTest : public testing::Test {
 protected:
  runtime::Spec Build(SpecInputs::Devices devices = SpecInputs::Devices::kFiltered) {
    auto spec = BuildSpec({.task = &task_,
                           .container = &container_,
                           .image = &image_,
                           .hostname = "host1",
                           .network_namespace = "/proc/self/fd/7",
                           .bundle = "/b",
                           .init_program = "/bin/berth-init",
                           .devices = devices});
    EXPECT_TRUE(spec) << spec.error().message();
    return std::move(*spec);
  }
  std::vector<std::string> Args() { return Build().process.args; }

  ecs::TaskDefinition task_;
  ecs::ContainerDefinition container_;
  images::Image image_ = {
      .config = {
          .workingDir = "/srv", .entrypoint = {"/entry"}, .cmd = {"default"}, .env = {"A=1"}}};
};

TEST_F(OciSpecTest, CommandAndEntryPointReplaceTheImagesAsDockerDoes) {
  EXPECT_THAT(Args(), ElementsAre("/entry", "default"));
  container_.command = {"own"};
  EXPECT_THAT(Args(), ElementsAre("/entry", "own"));
  container_.entryPoint = {"/mine"};
  EXPECT_THAT(Args(), ElementsAre("/mine", "own"));
  container_.command.clear();
  EXPECT_THAT(Args(), ElementsAre("/mine"));
  container_.entryPoint = {""};
  container_.command = {"bare"};
  EXPECT_THAT(Args(), ElementsAre("bare"));
}

TEST_F(OciSpecTest, NothingToExecuteIsAnError) {
  image_.config = {};
  EXPECT_FALSE(ContainerArgs(container_, image_.config));
}

TEST_F(OciSpecTest, TheDefinitionsEnvironmentWins) {
  container_.environment = {{"A", "2"}, {"B", "x=y"}};
  const auto env = Build().process.env;
  EXPECT_THAT(env, Contains("A=2"));
  EXPECT_THAT(env, Not(Contains("A=1")));
  EXPECT_THAT(env, Contains("B=x=y"));
  EXPECT_THAT(env, Contains("HOSTNAME=host1"));
}

TEST_F(OciSpecTest, CapabilitiesAreAddedAndDropped) {
  container_.linuxParameters.emplace().capabilities = {.add = {"NET_ADMIN"}, .drop = {"CHOWN"}};
  auto names = Build().process.capabilities.bounding;
  EXPECT_THAT(names, Contains("CAP_NET_ADMIN"));
  EXPECT_THAT(names, Not(Contains("CAP_CHOWN")));
  container_.linuxParameters->capabilities = {.add = {"SYS_TIME"}, .drop = {"ALL"}};
  EXPECT_THAT(Build().process.capabilities.bounding, ElementsAre("CAP_SYS_TIME"));
}

TEST_F(OciSpecTest, WithoutADeviceFilterNobodyMayMakeDevices) {
  EXPECT_THAT(Build().process.capabilities.bounding, Contains("CAP_MKNOD"));
  EXPECT_THAT(Build(SpecInputs::Devices::kUnfiltered).process.capabilities.bounding,
              Not(Contains("CAP_MKNOD")));
}

TEST_F(OciSpecTest, SecurityOptionsAreObeyed) {
  EXPECT_TRUE(Build().linux_.seccomp);
  EXPECT_FALSE(Build().process.noNewPrivileges);
  container_.dockerSecurityOptions = {"seccomp=unconfined", "no-new-privileges"};
  EXPECT_FALSE(Build().linux_.seccomp);
  EXPECT_TRUE(Build().process.noNewPrivileges);
}

TEST_F(OciSpecTest, InitProcessStandsInFront) {
  container_.linuxParameters.emplace().initProcessEnabled = true;
  EXPECT_THAT(Args(), ElementsAre("/dev/berth-init", "--", "/entry", "default"));
}

TEST_F(OciSpecTest, UnlimitedIsInfinity) {
  container_.ulimits = {{.name = ecs::UlimitName::kCore, .softLimit = 0, .hardLimit = -1}};
  const auto rlimits = Build().process.rlimits;
  ASSERT_EQ(rlimits.size(), 1U);
  EXPECT_EQ(rlimits[0].type, "RLIMIT_CORE");
  EXPECT_EQ(rlimits[0].hard, UINT64_MAX);
}

TEST_F(OciSpecTest, ADeviceThatIsNotThereIsNamed) {
  container_.linuxParameters.emplace().devices = {{.hostPath = "/dev/no-such"}};
  const auto spec = BuildSpec({.task = &task_, .container = &container_, .image = &image_});
  EXPECT_EQ(spec.error().message(),
            "linuxParameters.devices[0]: device /dev/no-such: No such file or directory");
}

}  // namespace
}  // namespace berth::agent
