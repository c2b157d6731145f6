#include "net/resolver_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kResolver = "169.254.170.53";

class ResolverEndpointTest : public TestHost {
 protected:
  void Open() const { Expect(OpenResolverEndpoint(lock_)); }
  void Leave(std::optional<Ipv4> upstream = {}) const {
    Expect(LeaveResolverEndpoint(upstream, lock_));
  }
  static std::string Tables() { return Output({"/usr/sbin/nft", "list", "tables"}); }
};

TEST_F(ResolverEndpointTest, TasksOfEveryPolicyReachItUnderTheirOwnAddress) {
  Open();
  Server udp(host_, Protocol::kUdp, kResolverPort, kResolver);
  Server tcp(host_, Protocol::kTcp, kResolverPort, kResolver);
  const Netns bridge = Start(Plan("bridge", 5));
  const Netns mute = Start(Plan("mute", 6, {MuteGroup()}));
  for (const Netns* task : {&bridge, &mute}) {
    EXPECT_TRUE(Echoes(*task, kResolver, kDnsPort, udp));
    EXPECT_EQ(Connect(*task, kResolver, kDnsPort), Reach::kConnected);
    EXPECT_EQ(tcp.Peer(), task == &bridge ? "10.9.0.5" : "10.9.0.6");
  }
}

TEST_F(ResolverEndpointTest, ATaskWithoutIpv4ReachesItButNoDetour) {
  Open();
  Server udp(host_, Protocol::kUdp, kResolverPort, kResolver);
  const Netns task = Start(PlanOnly6("six", 5));
  EXPECT_TRUE(Echoes(task, kResolver, kDnsPort, udp));
  const Netns outside = MakeOutside();
  Server upstream(outside, Protocol::kTcp, kDnsPort, "192.0.2.2");
  Expect(DetourResolverEndpoint(*Ipv4::Parse("192.0.2.2"), lock_));
  EXPECT_EQ(Connect(task, kResolver, kDnsPort), Reach::kRefused);
}

TEST_F(ResolverEndpointTest, PortsOfTheResolverAreNoneOfTheTasks) {
  Open();
  Server tcp(host_, Protocol::kTcp, kResolverPort, kResolver);
  Server other(host_, Protocol::kTcp, 8953);
  const Netns task = Start(Plan("one", 5));
  EXPECT_EQ(Connect(task, kResolver, kResolverPort), Reach::kRefused);
  EXPECT_EQ(Connect(task, kResolver, 8953), Reach::kRefused);
}

TEST_F(ResolverEndpointTest, TheNetworkDoesNotReachIt) {
  Open();
  Server tcp(host_, Protocol::kTcp, kResolverPort, kResolver);
  const Netns outside = MakeOutside();
  ASSERT_TRUE(outside.Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "route", "add", "169.254.170.53/32", "via", "192.0.2.1"});
    return {};
  }));
  EXPECT_EQ(Connect(outside, kResolver, kDnsPort), Reach::kSilence);
  EXPECT_EQ(Connect(outside, kResolver, kResolverPort), Reach::kSilence);
}

TEST_F(ResolverEndpointTest, ATaskOnPort53IsNotAskedInItsPlace) {
  Open();
  Server udp(host_, Protocol::kUdp, kResolverPort, kResolver);
  const Netns thief = Start(Plan("thief", 5, {}, {{Protocol::kUdp, 53, 53}}));
  const Netns task = Start(Plan("one", 6));
  Server theirs(thief, Protocol::kUdp, 53);
  EXPECT_TRUE(Echoes(task, kResolver, kDnsPort, udp));
  EXPECT_EQ(theirs.Peer(), "nobody");
}

TEST_F(ResolverEndpointTest, ADetourLeadsToTheUpstreamAndBackAgain) {
  Open();
  Server udp(host_, Protocol::kUdp, kResolverPort, kResolver);
  const Netns task = Start(Plan("one", 5));
  const Netns mute = Start(Plan("mute", 6, {MuteGroup()}));
  const Netns outside = MakeOutside();
  Server upstream(outside, Protocol::kUdp, kDnsPort, "192.0.2.2");
  Expect(DetourResolverEndpoint(*Ipv4::Parse("192.0.2.2"), lock_));
  EXPECT_TRUE(Echoes(task, kResolver, kDnsPort, upstream));
  EXPECT_FALSE(Echoes(mute, kResolver, kDnsPort, upstream)) << "a destination like any other";
  Open();
  EXPECT_TRUE(Echoes(task, kResolver, kDnsPort, udp));
}

TEST_F(ResolverEndpointTest, ALeftDetourGoesWithTheLastTask) {
  const Netns outside = MakeOutside();
  Open();
  const Netns one = Start(Plan("one", 5));
  const Netns two = Start(Plan("two", 6));
  Leave(*Ipv4::Parse("192.0.2.2"));
  Server upstream(outside, Protocol::kUdp, kDnsPort, "192.0.2.2");
  EXPECT_TRUE(Echoes(one, kResolver, kDnsPort, upstream));
  ASSERT_TRUE(Detach("one", LinkEnd::kDeleteNow, lock_));
  EXPECT_TRUE(Echoes(two, kResolver, kDnsPort, upstream));
  ASSERT_TRUE(Detach("two", LinkEnd::kDeleteNow, lock_));
  EXPECT_EQ(Tables(), "");
  EXPECT_THAT(Output({"/usr/sbin/ip", "address"}), Not(HasSubstr(kResolver)));
}

TEST_F(ResolverEndpointTest, AnOpenWayOutlivesTheLastTask) {
  Open();
  { const Netns task = Start(Plan("one", 5)); }
  ASSERT_TRUE(Detach("one", LinkEnd::kDeleteNow, lock_));
  EXPECT_THAT(Tables(), HasSubstr("inet berth_names"));
  EXPECT_THAT(Tables(), Not(HasSubstr("inet berth\n")));
}

TEST_F(ResolverEndpointTest, LeavingWithoutTasksLeavesNothingAndMayBeRepeated) {
  const std::string before = DumpHost();
  Leave();
  Open();
  const std::string open = DumpHost();
  EXPECT_NE(open, before);
  Open();
  EXPECT_EQ(DumpHost(), open);
  Leave(*Ipv4::Parse("192.0.2.2"));
  Leave();
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(ResolverEndpointTest, WithoutAResolverItIsRefusedAtOnce) {
  const Netns task = Start(Plan("one", 5));
  EXPECT_EQ(Connect(task, kResolver, kDnsPort), Reach::kRefused);
  Open();
  EXPECT_EQ(Connect(task, kResolver, kDnsPort), Reach::kRefused);
  Leave();
  EXPECT_EQ(Connect(task, kResolver, kDnsPort), Reach::kRefused);
}

}  // namespace
}  // namespace berth::net
