#include "scheduler/model/instance_view.h"

#include <gmock/gmock.h>

namespace berth::scheduler {
namespace {

using testing::ElementsAre;

TEST(InstanceView, ReadsAmountsOfEachType) {
  const std::vector<ecs::api::Resource> resources = {
      {.name = "I", .type = "INTEGER", .integerValue = 5},
      {.name = "L", .type = "LONG", .longValue = 6},
      {.name = "D", .type = "DOUBLE", .doubleValue = 7.9}};
  EXPECT_EQ(AmountOf(resources, "I"), 5);
  EXPECT_EQ(AmountOf(resources, "L"), 6);
  EXPECT_EQ(AmountOf(resources, "D"), 7);
  EXPECT_EQ(AmountOf(resources, "absent"), 0);
}

TEST(InstanceView, IsFilledFromTheRecord) {
  InstanceRecord record = {.cluster = "c", .id = "i1"};
  record.instance = {.containerInstanceArn = "arn",
                     .ec2InstanceId = "i-1",
                     .versionInfo = {.agentVersion = "1.2.3"},
                     .registeredResources = {{.name = "CPU", .type = "INTEGER", .integerValue = 9},
                                             {.name = "PORTS",
                                              .type = "STRINGSET",
                                              .stringSetValue = {"22", "nonsense", "70000"}}},
                     .status = "DRAINING",
                     .attributes = {{.name = "rack", .value = "r1"}, {.name = "flag"}}};
  placement::Instance view;
  view.agent_connected = true;
  view.left.cpu = 77;
  Describe(record, view);
  EXPECT_EQ(view.arn, "arn");
  EXPECT_EQ(view.agent_version, "1.2.3");
  EXPECT_EQ(view.ec2_instance_id, "i-1");
  EXPECT_FALSE(view.active);
  EXPECT_TRUE(view.agent_connected);
  EXPECT_EQ(view.left.cpu, 9);
  EXPECT_EQ(view.left.memory, 0);
  EXPECT_THAT(view.left.tcp_ports, ElementsAre(22));
  EXPECT_TRUE(view.attributes.Contains(placement::Name("flag")));
}

TEST(InstanceView, TakesAndGivesBackTheSame) {
  TaskRecord task = {
      .cluster = "c", .id = "t", .cpu = 10, .memory = 20, .tcp_ports = {80}, .udp_ports = {53}};
  task.task.group = "g";
  task.task.lastStatus = "RUNNING";
  placement::Instance view;
  view.left = {.cpu = 100, .memory = 100};
  Occupy(view, task);
  EXPECT_EQ(view.left.cpu, 90);
  EXPECT_EQ(view.left.memory, 80);
  EXPECT_THAT(view.left.tcp_ports, ElementsAre(80));
  EXPECT_THAT(view.left.udp_ports, ElementsAre(53));
  EXPECT_EQ(view.running_tasks, 1);
  Vacate(view, task);
  EXPECT_EQ(view.left.cpu, 100);
  EXPECT_TRUE(view.left.tcp_ports.empty());
  EXPECT_EQ(view.running_tasks, 0);
}

TEST(InstanceView, HasNothingToGiveToStoppedTasks) {
  TaskRecord task = {.cluster = "c", .id = "t", .cpu = 10};
  task.task.lastStatus = "STOPPED";
  placement::Instance view;
  Occupy(view, task);
  EXPECT_EQ(view.left.cpu, 0);
  EXPECT_EQ(view.pending_tasks, 0);
}

}  // namespace
}  // namespace berth::scheduler
