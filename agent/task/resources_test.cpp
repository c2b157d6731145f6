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
