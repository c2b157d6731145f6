// Floods from one namespace to another. Tracked flows are counted where the kernel tells how many
// there are in the host's namespace.
#include "net/firewall/flow_limits.h"

#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/files.h"
#include "base/text.h"
#include "net/firewall/drops.h"
#include "net/firewall/host_table.h"
#include "net/test_host.h"
#include "net/test_packets.h"

namespace berth::net {
namespace {

using testing::HasSubstr;

constexpr uint32_t kFew = 100;

size_t TrackedFlows() {
  const auto text = ReadFile("/proc/sys/net/netfilter/nf_conntrack_count");
  return text ? *ParseInteger<size_t>(Trim(*text)) : 0;
}

class FlowLimitTest : public TestHost {
 protected:
  Attachment Limited(const std::string& id, int last, std::optional<uint32_t> limit = kFew) {
    Attachment plan = Plan6(id, last);
    plan.flowLimit = limit;
    return plan;
  }
};

/// Datagrams that begin `count` flows.
void Flood(const Netns& from, const IpAddress& source, const IpAddress& to, uint16_t count) {
  PacketPort port(from);
  for (uint16_t number = 10'000; number < 10'000 + count; ++number) {
    port.Send(
        {.protocol = IPPROTO_UDP, .source = source, .destination = to, .destinationPort = number},
        number);
  }
}

IpAddress Four(const Attachment& plan) { return plan.address; }
IpAddress Six(const Attachment& plan) { return *plan.ipv6Address; }

TEST_F(FlowLimitTest, AFloodOfBothFamiliesLeavesNoMoreThanTheLimit) {
  const Attachment one = Limited("aa11", 5), two = Limited("bb22", 6);
  const Netns attacker = Start(one), victim = Start(two);
  Flood(attacker, Four(one), Four(two), 300);
  Flood(attacker, Six(one), Six(two), 300);
  EXPECT_EQ(TrackedFlows(), kFew);
  EXPECT_EQ(ReadDrops("aa11")->flows_out, 500U);
  EXPECT_EQ(ReadDrops("aa11")->egress, 0U);
}

TEST_F(FlowLimitTest, WithAHigherOneTheSameFloodIsTracked) {
  const Attachment one = Limited("aa11", 5, 5000), two = Limited("bb22", 6, 5000);
  const Netns attacker = Start(one), victim = Start(two);
  Flood(attacker, Four(one), Four(two), 300);
  Flood(attacker, Six(one), Six(two), 300);
  EXPECT_EQ(TrackedFlows(), 600U);
}

TEST_F(FlowLimitTest, OnlyWhoFloodsIsStopped) {
  const Attachment one = Limited("aa11", 5), two = Limited("bb22", 6), three = Limited("cc33", 7);
  const Netns attacker = Start(one), victim = Start(two), other = Start(three);
  Server server(other, Protocol::kTcp, 80);
  Flood(attacker, Four(one), *Ipv4::Parse("10.9.0.1"), 300);
  EXPECT_EQ(TrackedFlows(), kFew);
  EXPECT_EQ(Connect(attacker, "10.9.0.7", 80), Reach::kSilence);
  EXPECT_EQ(Connect(victim, "10.9.0.7", 80), Reach::kConnected);
  EXPECT_EQ(Connect(Netns::Current().ValueOr(Netns()), "10.9.0.7", 80), Reach::kConnected);
}

TEST_F(FlowLimitTest, FlowsToATaskAreCountedForItAlone) {
  const Attachment one = Limited("aa11", 5), two = Limited("bb22", 6), three = Limited("cc33", 7),
                   four = Limited("dd44", 8);
  const Netns a = Start(one), b = Start(two), victim = Start(three), other = Start(four);
  Flood(a, Four(one), Four(three), 80);
  Flood(b, Four(two), Four(three), 80);
  EXPECT_EQ(TrackedFlows(), kFew);
  EXPECT_EQ(ReadDrops("cc33")->flows_in, 60U);
  EXPECT_EQ(ReadDrops("bb22")->flows_out, 0U);
  Server server(other, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(b, "10.9.0.8", 80), Reach::kConnected);
}

TEST_F(FlowLimitTest, OpenFlowsGoOnAtTheLimit) {
  const Attachment one = Limited("aa11", 5), two = Limited("bb22", 6);
  const Netns attacker = Start(one), victim = Start(two);
  Server server(victim, Protocol::kUdp, 53);
  EXPECT_TRUE(Echoes(attacker, "10.9.0.6", 53, server, 4000));
  Flood(attacker, Four(one), Four(two), 300);
  EXPECT_TRUE(Echoes(attacker, "10.9.0.6", 53, server, 4000));
  EXPECT_FALSE(Echoes(attacker, "10.9.0.6", 53, server, 4001));
}

TEST_F(FlowLimitTest, AnswersAreNotCounted) {
  const Attachment one = Limited("aa11", 5), two = Limited("bb22", 6);
  const Netns asks = Start(one), answers = Start(two);
  Server server(answers, Protocol::kUdp, 53);
  for (uint16_t port = 4000; port < 4090; ++port) {
    ASSERT_TRUE(Echoes(asks, "10.9.0.6", 53, server, port)) << port;
  }
  Flood(answers, Four(two), Four(one), 90);
  EXPECT_EQ(TrackedFlows(), 180U);
}

TEST_F(FlowLimitTest, WhatGroupsDropIsNotCounted) {
  const Attachment one = Limited("aa11", 5);
  Attachment closed = Limited("bb22", 6);
  closed.groups = {{.id = "sg-closed"}};
  const Netns attacker = Start(one), victim = Start(closed);
  Flood(attacker, Four(one), Four(closed), 300);
  EXPECT_EQ(TrackedFlows(), 0U);
  EXPECT_EQ(ReadDrops("aa11")->flows_out, 0U);
  EXPECT_EQ(ReadDrops("bb22")->ingress, 300U);
  Server server(host_, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(attacker, "10.9.0.1", 80), Reach::kConnected);
}

TEST_F(FlowLimitTest, ThereIsRoomAgainWhenFlowsHaveGone) {
  const Attachment one = Limited("aa11", 5), two = Limited("bb22", 6);
  const Netns attacker = Start(one), victim = Start(two);
  Flood(attacker, Four(one), Four(two), 300);
  ASSERT_TRUE(ForgetFlows({Four(one)}, lock_));
  Server server(victim, Protocol::kTcp, 80);
  Reach reach = Reach::kSilence;
  for (int tries = 0; tries < 10 && reach != Reach::kConnected; ++tries) {
    reach = Connect(attacker, "10.9.0.6", 80);
  }
  EXPECT_EQ(reach, Reach::kConnected);
}

TEST_F(FlowLimitTest, WhatHasNoPortsIsLimitedToo) {
  const Attachment one = Limited("aa11", 5);
  const Netns attacker = Start(one);
  const Netns outside = MakeOutside();
  PacketPort port(attacker);
  for (uint32_t number = 0; number < 300; ++number) {
    port.Send(
        {.protocol = 253, .source = Four(one), .destination = *Ipv4::Parse("198.51.0.0") + number},
        1);
  }
  EXPECT_EQ(TrackedFlows(), kFew);
}

TEST_F(FlowLimitTest, OneOfNobodysAsIsAnEighthOfTheTable) {
  const Netns one = Start(Limited("aa11", 5, std::nullopt));
  const auto most =
      ParseInteger<uint32_t>(Trim(*ReadFile("/proc/sys/net/netfilter/nf_conntrack_max")));
  EXPECT_EQ(DefaultFlowLimit(), std::max(1024U, *most / 8));
  EXPECT_THAT(Output({"/usr/sbin/nft", "list", "chain", "inet", "berth", "limit_flows_out"}),
              HasSubstr(fmt::format("mod {}", std::max(1024U, *most / 8) / 128)));
}

TEST_F(FlowLimitTest, ALimitIsInTheRestoredTableAsWell) {
  const Attachment one = Limited("aa11", 5), two = Limited("bb22", 6);
  const Netns attacker = Start(one), victim = Start(two);
  const std::string before = DumpHost();
  Flood(attacker, Four(one), Four(two), 300);
  const auto intact = RestoreFirewall(lock_, 0);
  ASSERT_TRUE(intact) << intact.error().message();
  EXPECT_FALSE(*intact) << "what packets put into sets is no damage";
  EXPECT_EQ(DumpHost(), before);
  Output({"/usr/sbin/nft", "flush", "ruleset"});
  ASSERT_TRUE(RestoreFirewall(lock_, 0));
  EXPECT_EQ(DumpHost(), before);
  ASSERT_TRUE(ForgetFlows({Four(one)}, lock_));
  Flood(attacker, Four(one), Four(two), 300);
  EXPECT_EQ(TrackedFlows(), kFew);
}

TEST_F(FlowLimitTest, NothingIsLeftOfAFloodAfterDetach) {
  const Attachment other = Limited("cc33", 7);
  const Netns stays = Start(other);
  const std::string before = DumpHost();
  const Attachment one = Limited("aa11", 5), two = Limited("bb22", 6);
  {
    const Netns attacker = Start(one), victim = Start(two);
    Flood(attacker, Four(one), Four(two), 300);
    ASSERT_TRUE(Detach("aa11", LinkEnd::kDeleteNow, lock_));
    ASSERT_TRUE(Detach("bb22", LinkEnd::kDeleteNow, lock_));
  }
  ASSERT_TRUE(ForgetFlows({Four(one), Four(two)}, lock_));
  EXPECT_EQ(TrackedFlows(), 0U);
  EXPECT_EQ(DumpHost(), before);
  const auto elements = [] {
    return Output({"/usr/sbin/nft", "list", "set", "inet", "berth", "flows_out"}) +
           Output({"/usr/sbin/nft", "list", "set", "inet", "berth", "flows_in"});
  };
  for (int tries = 0; tries < 100 && elements().find("elements") != std::string::npos; ++tries) {
    ::usleep(100'000);  // the kernel looks for empty ones once a second
  }
  EXPECT_THAT(elements(), testing::Not(HasSubstr("elements")));
}

TEST_F(FlowLimitTest, LimitsThatMakeNoSenseAreRefused) {
  for (const uint32_t limit : {0U, kLeastFlowLimit - 1, kMostFlowLimit + 1}) {
    auto task = Netns::Create();
    const auto attached = Attach(Limited("aa11", 5, limit), *task, lock_);
    ASSERT_FALSE(attached);
    EXPECT_THAT(attached.error().message(), HasSubstr("a limit of"));
  }
}

}  // namespace
}  // namespace berth::net
