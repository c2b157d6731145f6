#include "ecs/task_resources.h"

#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

TaskDefinition Mapped(NetworkMode mode) {
  return {.containerDefinitions = {{.portMappings = {{.containerPort = 80, .hostPort = 8080},
                                                     {.containerPort = 81},
                                                     {.containerPort = 82, .hostPort = 0}}},
                                   {.portMappings = {{.containerPort = 53,
                                                      .hostPort = 5353,
                                                      .protocol = TransportProtocol::kUdp},
                                                     {.containerPortRange = "9000-9010"}}}},
          .networkMode = mode};
}

TEST(ResourcesOf, AddsUpWhatContainersReserve) {
  const TaskDefinition definition = {
      .containerDefinitions = {{.cpu = 100, .memory = 200, .memoryReservation = 50},
                               {.cpu = 28, .memory = 100},
                               {.name = "a task with a size may leave it out"}}};
  EXPECT_EQ(ResourcesOf(definition), (TaskResources{.cpu = 128, .memory = 150}));
}

TEST(ResourcesOf, PrefersTheSizeOfTheTask) {
  TaskDefinition definition = {.containerDefinitions = {{.cpu = 100, .memory = 200}},
                               .memory = 512};
  EXPECT_EQ(ResourcesOf(definition), (TaskResources{.cpu = 100, .memory = 512}));
  definition.cpu = 256;
  EXPECT_EQ(ResourcesOf(definition), (TaskResources{.cpu = 256, .memory = 512}));
}

TEST(ResourcesOf, TakesThePortsThatBridgeModeFixes) {
  EXPECT_EQ(ResourcesOf(Mapped(NetworkMode::kBridge)),
            (TaskResources{.tcp_ports = {8080}, .udp_ports = {5353}}));
}

TEST(ResourcesOf, TakesEveryPortOfHostMode) {
  EXPECT_EQ(ResourcesOf(Mapped(NetworkMode::kHost)),
            (TaskResources{.tcp_ports = {80, 81, 82}, .udp_ports = {53}}));
}

TEST(ResourcesOf, TakesNoPortsOfTheHostElsewhere) {
  EXPECT_EQ(ResourcesOf(Mapped(NetworkMode::kAwsvpc)), TaskResources{});
  EXPECT_EQ(ResourcesOf(Mapped(NetworkMode::kNone)), TaskResources{});
}

}  // namespace
}  // namespace berth::ecs
