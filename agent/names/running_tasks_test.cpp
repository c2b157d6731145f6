#include "agent/names/running_tasks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::agent::names {
namespace {

using testing::ElementsAre;

constexpr const char* kTask = "0123456789abcdef0123456789abcdef";
constexpr const char* kDefinition = R"({"family": "web", "networkMode": "awsvpc",
    "containerDefinitions": [{"name": "nginx", "image": "nginx", "memory": 64},
                             {"name": "log", "image": "log", "memory": 64}]})";

class RunningTasksTest : public testing::Test {
 protected:
  RunningTasksTest() : state_(*State::Open(":memory:")) {}

  void Admit(std::vector<Wish::Interface> interfaces) {
    const auto admitted =
        state_.Admit({.task = {.id = kTask, .name = "one", .definition = kDefinition},
                      .interfaces = std::move(interfaces),
                      .ports = {},
                      .dynamic_ports = {},
                      .capacity = {.cpu = 1024, .memory = 1024}});
    ASSERT_TRUE(admitted) << admitted.error().message();
  }
  std::vector<NamedTask> Look(const std::map<std::string, std::string>& services = {}) {
    auto tasks = RunningTasks().Look(state_, services);
    EXPECT_TRUE(tasks) << tasks.error().message();
    return *std::move(tasks);
  }
  static net::Subnet Subnet(net::SubnetBlocks blocks) { return *net::MakeSubnet("s", blocks); }

  const net::Ipv4Cidr ipv4_ = *net::Ipv4Cidr::Parse("10.0.0.0/24");
  const net::Ipv6Cidr ipv6_ = *net::Ipv6Cidr::Parse("fd00::/64");
  State state_;
};

TEST_F(RunningTasksTest, ATaskIsKnownWhileItLives) {
  Admit({{.attachment_id = kTask, .subnet = Subnet({.ipv4 = ipv4_})}});
  EXPECT_TRUE(Look().empty()) << "it is being made";
  ASSERT_TRUE(state_.SetLive(kTask, {.pid = 1, .start_time = 1}));
  const std::vector<NamedTask> tasks = Look({{kTask, "shop"}});
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0].name, "one");
  EXPECT_EQ(tasks[0].family, "web");
  EXPECT_EQ(tasks[0].service, "shop");
  ASSERT_EQ(tasks[0].containers.size(), 2u);
  EXPECT_EQ(tasks[0].containers[0].name, "nginx");
  EXPECT_THAT(tasks[0].containers[0].addresses, ElementsAre("10.0.0.4"));
  EXPECT_EQ(tasks[0].containers[0].addresses, tasks[0].containers[1].addresses);
  ASSERT_TRUE(state_.SetEnded(kTask, "stopped"));
  EXPECT_TRUE(Look().empty());
}

TEST_F(RunningTasksTest, ContainersOfBridgeModeHaveTheirOwnAddresses) {
  const net::Subnet subnet = Subnet({.ipv4 = ipv4_});
  Admit({{.attachment_id = std::string(kTask) + "-0", .subnet = subnet},
         {.attachment_id = std::string(kTask) + "-1", .subnet = subnet}});
  ASSERT_TRUE(state_.SetLive(kTask, {.pid = 1, .start_time = 1}));
  const std::vector<NamedTask> tasks = Look();
  EXPECT_THAT(tasks[0].containers[0].addresses, ElementsAre("10.0.0.4"));
  EXPECT_THAT(tasks[0].containers[1].addresses, ElementsAre("10.0.0.5"));
}

TEST_F(RunningTasksTest, AddressesAreOfBothFamiliesButForTheWayToTheHostsServices) {
  Admit({{.attachment_id = std::string(kTask) + "-0",
          .subnet = Subnet({.ipv4 = ipv4_, .ipv6 = ipv6_})},
         {.attachment_id = std::string(kTask) + "-1", .subnet = Subnet({.ipv6 = ipv6_})}});
  ASSERT_TRUE(state_.SetLive(kTask, {.pid = 1, .start_time = 1}));
  const std::vector<NamedTask> tasks = Look();
  EXPECT_THAT(tasks[0].containers[0].addresses, ElementsAre("10.0.0.4", "fd00::4"));
  EXPECT_THAT(tasks[0].containers[1].addresses, ElementsAre("fd00::5"));
}

}  // namespace
}  // namespace berth::agent::names
