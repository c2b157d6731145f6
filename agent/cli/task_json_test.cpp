#include "agent/cli/task_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace berth::agent::cli {
namespace {

using shim::Status;

WallTime At(int seconds) { return WallTime(std::chrono::seconds(seconds)); }

TaskView Running() {
  TaskView task = {.family = "shop",
                   .revision = 3,
                   .network_mode = "awsvpc",
                   .status = Status::kRunning,
                   .started = At(2)};
  task.record = {.id = "0123", .name = "web", .cpu = 256, .memory = 512, .created = At(1)};
  task.containers = {{.name = "web",
                      .image = "web:1",
                      .status = Status::kRunning,
                      .health = shim::Health::kHealthy,
                      .pid = 7,
                      .started = At(2)}};
  task.containers[0].addresses = {
      {.attachment_id = "0123", .subnet_id = "subnet-a", .address = net::Ipv4(0x0a000005)}};
  task.containers[0].ports = {{.host_port = 8080, .container_port = 80}};
  return task;
}

TEST(TaskJson, HasTheFieldsOfDescribeTasks) {
  const Json task = DescribeTask(Running());
  EXPECT_EQ(task.at("taskArn"), "arn:aws:ecs:local:000000000000:task/berth/0123");
  EXPECT_EQ(task.at("taskDefinitionArn"), "arn:aws:ecs:local:000000000000:task-definition/shop:3");
  EXPECT_EQ(task.at("lastStatus"), "RUNNING");
  EXPECT_EQ(task.at("desiredStatus"), "RUNNING");
  EXPECT_EQ(task.at("healthStatus"), "HEALTHY");
  EXPECT_EQ(task.at("cpu"), "256");
  EXPECT_EQ(task.at("createdAt"), "1970-01-01T00:00:01.000000000Z");
  EXPECT_FALSE(task.contains("stoppedAt"));
  EXPECT_FALSE(task.contains("stopCode"));
}

TEST(TaskJson, DescribesTheNetwork) {
  const Json task = DescribeTask(Running());
  const Json& container = task.at("containers").at(0);
  EXPECT_EQ(container.at("networkBindings").dump(),
            R"([{"bindIP":"0.0.0.0","containerPort":80,"hostPort":8080,"protocol":"tcp"}])");
  EXPECT_EQ(container.at("networkInterfaces").dump(),
            R"([{"attachmentId":"0123","privateIpv4Address":"10.0.0.5"}])");
  const Json& attachment = task.at("attachments").at(0);
  EXPECT_EQ(attachment.at("type"), "ElasticNetworkInterface");
  EXPECT_EQ(attachment.at("details").at(0).dump(), R"({"name":"subnetId","value":"subnet-a"})");
  EXPECT_EQ(attachment.at("details").at(2).dump(),
            R"({"name":"privateIPv4Address","value":"10.0.0.5"})");
}

TEST(TaskJson, ShowsARangeOfPortsAsOne) {
  EXPECT_EQ(NetworkBindings({.ports = {{.protocol = net::Protocol::kUdp,
                                        .host_port = 41000,
                                        .container_port = 8000,
                                        .count = 11}}})
                .dump(),
            R"([{"bindIP":"0.0.0.0","containerPortRange":"8000-8010",)"
            R"("hostPortRange":"41000-41010","protocol":"udp"}])");
}

TEST(TaskJson, SaysHowATaskEnded) {
  TaskView view = Running();
  view.status = Status::kStopped;
  view.stop_code = "EssentialContainerExited";
  view.stopped_reason = "Essential container in task exited";
  view.stopped = At(9);
  view.containers[0].status = Status::kStopped;
  view.containers[0].pid.reset();
  view.containers[0].exit_code = 3;
  view.containers[0].stopped = At(8);
  const Json task = DescribeTask(view);
  EXPECT_EQ(task.at("desiredStatus"), "STOPPED");
  EXPECT_EQ(task.at("stopCode"), "EssentialContainerExited");
  EXPECT_EQ(task.at("stoppedReason"), "Essential container in task exited");
  EXPECT_EQ(task.at("stoppedAt"), "1970-01-01T00:00:09.000000000Z");
  EXPECT_EQ(task.at("containers").at(0).at("exitCode"), 3);
  EXPECT_FALSE(task.at("containers").at(0).contains("pid"));
}

}  // namespace
}  // namespace berth::agent::cli
