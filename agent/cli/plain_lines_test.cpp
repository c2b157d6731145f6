#include "agent/cli/plain_lines.h"

#include <gmock/gmock.h>

#include "agent/cli/container_rows.h"

namespace berth::agent::cli {
namespace {

using shim::Health;
using shim::Status;
using testing::ElementsAre;

AddressRecord Address(std::string attachment, uint8_t last) {
  return {.attachment_id = std::move(attachment),
          .subnet_id = "subnet-default",
          .address = net::Ipv4(0xac1f0000u + last)};
}

TaskView Task(std::string mode) {
  TaskView task;
  task.record.id = "0123456789abcdef0123456789abcdef";
  task.record.name = "shop";
  task.network_mode = std::move(mode);
  task.containers = {{.name = "web"}, {.name = "sidecar"}};
  return task;
}

TEST(PlainLines, AnImageHasTheStartOfItsDigest) {
  EXPECT_EQ(ImageLine("web:1", "sha256:0123456789abcdef"),
            "image web:1 ready (sha256:0123456789ab)");
}

TEST(PlainLines, SaysHowATaskIsConnected) {
  TaskView awsvpc = Task("awsvpc");
  for (ContainerView& container : awsvpc.containers) container.addresses = {Address("abc", 5)};
  const std::string mac = net::MacAddress::Derive("abc").Format();
  EXPECT_THAT(NetworkLines(awsvpc), ElementsAre(fmt::format("network 172.31.0.5 ({}) eth0", mac)));

  awsvpc.containers[0].addresses[0].ipv6_address = *net::Ipv6::Parse("fd00::5");
  EXPECT_THAT(NetworkLines(awsvpc),
              ElementsAre(fmt::format("network 172.31.0.5 and fd00::5 ({}) eth0", mac)));

  TaskView bridge = Task("bridge");
  bridge.containers[0].addresses = {Address("abc-0", 6)};
  bridge.containers[0].ports = {
      {.host_port = 8080, .container_port = 80},
      {.protocol = net::Protocol::kUdp, .host_port = 53, .container_port = 53}};
  bridge.containers[1].addresses = {Address("abc-1", 7)};
  EXPECT_THAT(NetworkLines(bridge), ElementsAre("network web 172.31.0.6, 8080->80/tcp, 53->53/udp",
                                                "network sidecar 172.31.0.7"));

  EXPECT_THAT(NetworkLines(Task("host")), ElementsAre("network of the host"));
  EXPECT_THAT(NetworkLines(Task("none")), ElementsAre("network none"));
}

TEST(PlainLines, SaysWhatHappened) {
  EXPECT_EQ(EventLine({.container = "web", .status = Status::kRunning, .pid = 7}), "web RUNNING");
  EXPECT_EQ(EventLine({.container = "web", .health = Health::kHealthy, .reason = "fine"}),
            "web HEALTHY");
  EXPECT_EQ(EventLine({.container = "web", .health = Health::kUnhealthy, .reason = "no\nanswer\n"}),
            "web UNHEALTHY: no?answer");
  EXPECT_EQ(EventLine({.container = "web", .status = Status::kStopped, .exit_code = 0}),
            "web STOPPED (exit code 0)");
  EXPECT_EQ(
      EventLine(
          {.container = "web", .status = Status::kPending, .exit_code = 3, .restart_count = 2}),
      "web PENDING (exit code 3, restart 2)");
  EXPECT_EQ(EventLine({.status = Status::kStopped, .reason = "Essential container in task exited"}),
            "task STOPPED: Essential container in task exited");
}

TEST(PlainLines, SaysHowATaskStands) {
  TaskView task = Task("none");
  EXPECT_EQ(TaskLine(task), "task shop (0123456789ab) PENDING");
  task.status = Status::kStopped;
  task.stopped_reason = "it is over";
  EXPECT_EQ(TaskLine(task), "task shop (0123456789ab) STOPPED: it is over");
}

TEST(ContainerRows, ShowEachContainersState) {
  TaskView task = Task("none");
  task.containers[0].status = Status::kRunning;
  task.containers[0].health = Health::kHealthy;
  task.containers[0].restart_count = 1;
  task.containers[1].status = Status::kStopped;
  task.containers[1].health = Health::kUnknown;
  task.containers[1].exit_code = 137;
  task.containers[1].reason = "killed";
  EXPECT_THAT(ContainerRows(task, Colours::kOff),
              ElementsAre("  web      RUNNING  HEALTHY  restart 1",
                          "  sidecar  STOPPED  exit code 137  killed"));
  EXPECT_EQ(ContainerRows(task, Colours::kOn).front(),
            "  \x1b[36mweb    \x1b[0m  \x1b[32mRUNNING\x1b[0m  \x1b[32mHEALTHY\x1b[0m  restart 1");
}

}  // namespace
}  // namespace berth::agent::cli
