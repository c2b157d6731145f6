#include "net/netns_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <thread>

#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Waits for what happens some time after its cause.
void ExpectSoon(const std::function<bool()>& what) {
  for (int tries = 0; tries < 300 && !what(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_TRUE(what());
}

std::string Links() { return Output({"/usr/sbin/ip", "link", "show"}); }

/// Without the numbers that the kernel gives to interfaces.
std::string Dump(const Netns& netns) {
  const auto dump = netns.Run([]() -> Result<std::string> {
    return DumpHost() + Output({"/usr/sbin/sysctl", "-ar", "net.ipv[46].conf.(eth0|bt[^.]*)."});
  });
  EXPECT_TRUE(dump);
  return std::regex_replace(*dump, std::regex("(^|\n)[0-9]+:|@if[0-9]+|link-netnsid [0-9]+"), "$1");
}

class NetnsPoolTest : public TestHost {
 protected:
  /// Attaches and detaches by either way, and compares what either makes of host and task.
  void ExpectTheSame(const Attachment& plan) {
    const Netns made = Start(plan);
    const std::string host = Dump(host_), task = Dump(made);
    Expect(Detach(plan.id, LinkEnd::kDeleteNow, lock_));
    auto pooled = PooledNetns::Make();
    ASSERT_TRUE(pooled) << pooled.error().message();
    Expect(Attach(plan, *pooled, lock_));
    EXPECT_EQ(Dump(host_), host);
    EXPECT_EQ(Dump(pooled->netns), task);
    Expect(Detach(plan.id, LinkEnd::kDeleteNow, lock_));
  }
};

TEST_F(NetnsPoolTest, AnAttachmentIsTheSameWithOneOfThem) {
  ExpectTheSame(Plan("aa11", 5, {DefaultGroup()}, {{Protocol::kTcp, 8080, 80}}));
  ExpectTheSame(Plan6("bb22", 6));
  ExpectTheSame(PlanOnly6("cc33", 7));
  Attachment other = Plan("dd44", 8);
  other.subnet.mtu = 1280;
  other.interfaceName = "net1";
  ExpectTheSame(other);
}

TEST_F(NetnsPoolTest, PacketsPass) {
  const Netns outside = MakeOutside();
  auto pooled = PooledNetns::Make();
  ASSERT_TRUE(pooled);
  Expect(Attach(Plan("aa11", 5, {}, {{Protocol::kTcp, 8080, 80}}), *pooled, lock_));
  Server inside(pooled->netns, Protocol::kTcp, 80), beyond(outside, Protocol::kTcp, 443);
  EXPECT_EQ(Connect(outside, "192.0.2.1", 8080), Reach::kConnected);
  EXPECT_EQ(Connect(pooled->netns, "192.0.2.2", 443), Reach::kConnected);
}

TEST_F(NetnsPoolTest, WhatIsTakenIsReplaced) {
  const auto pool = NetnsPool::Start(2);
  ASSERT_TRUE(pool) << pool.error().message();
  ExpectSoon([&] { return (*pool)->Ready() == 2; });
  const auto one = (*pool)->Take(), two = (*pool)->Take();
  ASSERT_TRUE(one && two);
  EXPECT_NE(one->veth.hostName, two->veth.hostName);
  EXPECT_THAT(Links(), HasSubstr(one->veth.hostName));
  ExpectSoon([&] { return (*pool)->Ready() == 2; });
}

TEST_F(NetnsPoolTest, AnEmptyOneHasNone) {
  const auto pool = NetnsPool::Start(0);
  ASSERT_TRUE(pool);
  EXPECT_FALSE((*pool)->Take());
}

TEST_F(NetnsPoolTest, WhatNobodyTakesGoesWithThePool) {
  const std::string before = Links();
  {
    const auto pool = NetnsPool::Start(2);
    ASSERT_TRUE(pool);
    ExpectSoon([&] { return (*pool)->Ready() == 2; });
  }
  ExpectSoon([&] { return Links() == before; });
}

TEST_F(NetnsPoolTest, ASweepLeavesItAlone) {
  const auto spare = PooledNetns::Make();
  ASSERT_TRUE(spare);
  const auto sweep = SweepExcept({}, lock_);
  ASSERT_TRUE(sweep);
  EXPECT_TRUE(sweep->Empty());
  EXPECT_THAT(Links(), HasSubstr(spare->veth.hostName));
}

TEST_F(NetnsPoolTest, AFailedAttachmentLeavesNothingOfIt) {
  const std::string before = Links();
  {
    auto pooled = PooledNetns::Make();
    ASSERT_TRUE(pooled);
    Attachment plan = Plan("aa11", 5);
    plan.subnet.mtu = 10;
    EXPECT_FALSE(Attach(plan, *pooled, lock_));
  }
  ExpectSoon([&] { return Links() == before; });
  EXPECT_THAT(Output({"/usr/sbin/nft", "list", "ruleset"}), Not(HasSubstr("berth")));
}

}  // namespace
}  // namespace berth::net
