#include "agent/task/resources.h"

#include <gtest/gtest.h>

namespace berth::agent {
namespace {

TEST(ResourcesTest, TaskCpuIsAQuotaOfTheWholeTask) {
  const cgroups::Limits limits = TaskLimits({.cpu = 512, .memory = 256});
  EXPECT_EQ(limits.cpu.max->quota, 50'000U);
  EXPECT_EQ(limits.cpu.max->period, 100'000U);
  EXPECT_EQ(limits.memory.max, 256U << 20);
  EXPECT_FALSE(limits.cpu.weight);
}

TEST(ResourcesTest, TheOperatorSaysThePeriodAndTheProcesses) {
  const cgroups::Limits limits =
      TaskLimits({.cpu = 512}, {.cpu_period = std::chrono::milliseconds(20), .pids = 100});
  EXPECT_EQ(limits.cpu.max->quota, 10'000U);
  EXPECT_EQ(limits.cpu.max->period, 20'000U);
  EXPECT_EQ(limits.pids.max, 100U);
}

TEST(ResourcesTest, TheLeastQuotaIsTheKernels) {
  EXPECT_EQ(TaskLimits({.cpu = 1}).cpu.max->quota, 1000U);
}

TEST(ResourcesTest, ADeviceComesWithItsPermissions) {
  const ecs::ContainerDefinition container = {
      .linuxParameters = ecs::LinuxParameters{
          .devices = {{.hostPath = "/dev/a", .permissions = {ecs::DevicePermission::kRead}},
                      {.hostPath = "/dev/b", .containerPath = "/dev/c"}}}};
  runtime::Spec spec;
  spec.linux_.devices = {{.type = "b", .path = "/dev/a", .major = 8, .minor = 16},
                         {.type = "c", .path = "/dev/c", .major = 10, .minor = 229}};
  const auto rules = DeviceRules(container, spec);
  const auto defaults = cgroups::DefaultDeviceRules();
  ASSERT_EQ(rules.size(), defaults.size() + 2);
  EXPECT_EQ(cgroups::Describe(rules[defaults.size()]), "allow b 8:16 r");
  EXPECT_EQ(cgroups::Describe(rules[defaults.size() + 1]), "allow c 10:229 rwm");
}

TEST(ResourcesTest, APrivilegedContainerMayUseAll) {
  const auto rules = DeviceRules({.privileged = true}, {});
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(cgroups::Describe(rules[0]), "allow a *:* rwm");
}

TEST(ResourcesTest, WithoutTaskCpuTheSharesAddUp) {
  const cgroups::Limits limits = TaskLimits({.containerDefinitions = {{.cpu = 1022}, {.cpu = 0}}});
  EXPECT_EQ(limits.cpu.weight, cgroups::WeightFromShares(1024));
  EXPECT_FALSE(limits.cpu.max);
}

TEST(ResourcesTest, ContainerMemoryIsRaisedToWhatDockerTakes) {
  const cgroups::Limits limits = ContainerLimits({.memory = 1, .memoryReservation = 64});
  EXPECT_EQ(limits.memory.max, 4U << 20);
  EXPECT_EQ(limits.memory.low, 64U << 20);
}

TEST(ResourcesTest, ReservesTheTasksFiguresOrTheSum) {
  const ecs::TaskDefinition definition = {
      .containerDefinitions = {{.cpu = 100, .memory = 200, .memoryReservation = 50},
                               {.cpu = 28, .memory = 100}}};
  EXPECT_EQ(Reservation(definition).cpu, 128);
  EXPECT_EQ(Reservation(definition).memory, 150);
  ecs::TaskDefinition whole = definition;
  whole.memory = 512;
  EXPECT_EQ(Reservation(whole).memory, 512);
}

}  // namespace
}  // namespace berth::agent
