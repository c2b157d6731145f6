// IPv6: what passes, what a task may not do, and nothing left behind.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "base/files.h"
#include "net/agent_endpoint.h"
#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::HasSubstr;
using testing::Not;

class Ipv6NetworkTest : public TestHost {
 protected:
  static std::string In(const Netns& task, const std::vector<std::string>& argv) {
    return *task.Run([&]() -> Result<std::string> { return Output(argv); });
  }
};

TEST_F(Ipv6NetworkTest, ATaskHasBothFamiliesAtOnceAndNoOtherAddress) {
  const Netns task = Start(Plan6("dual", 5, {DefaultGroup()}));
  const std::string addresses = In(task, {"/usr/sbin/ip", "address", "show", "eth0"});
  EXPECT_THAT(addresses, HasSubstr("inet 10.9.0.5/32"));
  EXPECT_THAT(addresses, HasSubstr("inet6 fd00:9::5/128 scope global nodad"));
  EXPECT_THAT(addresses, Not(HasSubstr("tentative")));
  EXPECT_THAT(addresses, Not(HasSubstr("fe80")));
  EXPECT_THAT(In(task, {"/usr/sbin/ip", "-6", "route"}),
              HasSubstr("default via fd00:9::1 dev eth0 proto 66"));
  Server server(host_, Protocol::kTcp, 80, "::");
  EXPECT_EQ(Connect(task, "fd00:9::1", 80), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "fd00:9::5");
}

TEST_F(Ipv6NetworkTest, GroupsHoldForIt) {
  SecurityGroup web{.id = "sg-web"};
  web.ingress = {{.protocol = IPPROTO_TCP, .ports = PortRange{80, 80}, .peer = Ipv6Cidr()},
                 {.protocol = IPPROTO_TCP, .ports = PortRange{90, 90}, .peer = Ipv4Cidr()},
                 {.protocol = IPPROTO_TCP,
                  .ports = PortRange{100, 100},
                  .peer = GroupReference{"sg-default"}}};
  const Netns task = Start(Plan6("web", 5, {web}));
  const Netns member = Start(Plan6("member", 6, {DefaultGroup()}));
  const Netns stranger = Start(Plan6("stranger", 7, {DefaultGroup("sg-other")}));
  Server any(task, Protocol::kTcp, 80, "::");
  Server four(task, Protocol::kTcp, 90, "::");
  Server members(task, Protocol::kTcp, 100, "::");
  EXPECT_EQ(Connect(stranger, "fd00:9::5", 80), Reach::kConnected);
  EXPECT_EQ(Connect(stranger, "10.9.0.5", 80), Reach::kSilence) << "the rule is for IPv6";
  EXPECT_EQ(Connect(stranger, "fd00:9::5", 90), Reach::kSilence) << "the rule is for IPv4";
  EXPECT_EQ(Connect(stranger, "10.9.0.5", 90), Reach::kConnected);
  EXPECT_EQ(Connect(member, "fd00:9::5", 100), Reach::kConnected);
  EXPECT_EQ(Connect(stranger, "fd00:9::5", 100), Reach::kSilence);
  EXPECT_EQ(Connect(task, "fd00:9::6", 80), Reach::kSilence) << "sg-web lets nothing out";
}

TEST_F(Ipv6NetworkTest, BridgeModeAndPublishedPortsSpeakIt) {
  const Netns outside = MakeOutside();
  GiveOutsideIpv6(outside);
  const Netns task =
      Start(Plan6("web", 5, {}, {{Protocol::kTcp, 8080, 80}, {Protocol::kUdp, 5353, 53}}));
  const Netns peer = Start(Plan6("peer", 6));
  Server server(task, Protocol::kTcp, 80, "::");
  Server dns(task, Protocol::kUdp, 53, "::");
  EXPECT_EQ(Connect(peer, "fd00:9::5", 80), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "fd00:9::6");
  EXPECT_EQ(Connect(outside, "2001:db8::1", 8080), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "2001:db8::2") << "the client's own address";
  EXPECT_EQ(Connect(host_, "2001:db8::1", 8080), Reach::kConnected);
  EXPECT_NE(server.Peer(), "nobody");
  EXPECT_EQ(Connect(task, "2001:db8::1", 8080), Reach::kConnected) << "hairpin";
  EXPECT_EQ(server.Peer(), "fd00:9::1");
  EXPECT_TRUE(Echoes(outside, "2001:db8::1", 5353, dns));
  EXPECT_EQ(Connect(outside, "192.0.2.1", 8080), Reach::kConnected) << "and IPv4 still";
}

TEST_F(Ipv6NetworkTest, AUdpFlowFollowsThePortFromTaskToTask) {
  constexpr uint16_t kClientPort = 4000;
  const Netns outside = MakeOutside();
  GiveOutsideIpv6(outside);
  const Netns first = Start(Plan6("first", 5, {}, {{Protocol::kUdp, 5353, 53}}));
  const Netns keeper = Start(Plan6("keeper", 7));  // of the table, and with it of the tracking
  Server one(first, Protocol::kUdp, 53, "::");
  EXPECT_TRUE(Echoes(outside, "2001:db8::1", 5353, one, kClientPort));
  ASSERT_TRUE(Detach("first", LinkEnd::kDeleteNow, lock_));
  EXPECT_FALSE(Echoes(outside, "2001:db8::1", 5353, one, kClientPort)) << "now to the host itself";
  const Netns second = Start(Plan6("second", 6, {}, {{Protocol::kUdp, 5353, 53}}));
  Server two(second, Protocol::kUdp, 53, "::");
  EXPECT_TRUE(Echoes(outside, "2001:db8::1", 5353, two, kClientPort));
}

TEST_F(Ipv6NetworkTest, TasksGoOutUnderTheHostsAddress) {
  const Netns outside = MakeOutside();
  GiveOutsideIpv6(outside);
  const Netns task = Start(Plan6("one", 5, {DefaultGroup()}));
  Server server(outside, Protocol::kTcp, 443, "::");
  EXPECT_EQ(Connect(task, "2001:db8::2", 443), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "2001:db8::1");
}

TEST_F(Ipv6NetworkTest, ATaskWithoutIpv4ReachesTheAgentAndNothingElseByIt) {
  ASSERT_TRUE(OpenAgentEndpoint(lock_));
  const Netns outside = MakeOutside();
  GiveOutsideIpv6(outside);
  Server agent(host_, Protocol::kTcp, kAgentPort, "169.254.170.2");
  Server away(outside, Protocol::kTcp, 443, "::");
  const Netns task = Start(PlanOnly6("six", 5));
  const Netns dual = Start(Plan6("dual", 6));
  EXPECT_EQ(Connect(task, "169.254.170.2", 80), Reach::kConnected);
  EXPECT_EQ(agent.Peer(), "169.254.172.5");
  EXPECT_EQ(Connect(task, "2001:db8::2", 443), Reach::kConnected);
  EXPECT_EQ(Connect(task, "192.0.2.2", 443), Reach::kRefused) << "no route";
  // What a task with CAP_NET_ADMIN could try.
  In(task, {"/usr/sbin/ip", "route", "add", "default", "via", "169.254.170.2", "dev", "eth0"});
  Server on_host(host_, Protocol::kTcp, 22);
  EXPECT_EQ(Connect(task, "192.0.2.2", 443), Reach::kRefused);
  EXPECT_EQ(Connect(task, "192.0.2.1", 22), Reach::kRefused);
  EXPECT_NE(Connect(dual, "169.254.172.5", 80), Reach::kConnected);
}

TEST_F(Ipv6NetworkTest, MetadataAddressesAreRefusedAtOnce) {
  const Netns outside = MakeOutside();
  GiveOutsideIpv6(outside);
  std::vector<Server> servers;
  const std::vector<std::string> addresses = {"fd00:ec2::254", "fd20:ce::254",
                                              "fd00:c1::a9fe:a9fe"};
  for (const std::string& address : addresses) {
    In(outside, {"/usr/sbin/ip", "address", "add", address + "/128", "dev", "eth0", "nodad"});
    servers.emplace_back(outside, Protocol::kTcp, 80, address);
  }
  const Netns task = Start(Plan6("one", 5));
  for (const std::string& address : addresses) {
    EXPECT_EQ(Connect(host_, address, 80), Reach::kConnected) << address;
    EXPECT_EQ(Connect(task, address, 80), Reach::kRefused) << address;
  }
}

TEST_F(Ipv6NetworkTest, AnotherSourceAddressOrMacIsDropped) {
  const Netns task = Start(Plan6("one", 5));
  Server server(host_, Protocol::kTcp, 80, "::");
  In(task, {"/usr/sbin/ip", "address", "add", "fd00:9::63/128", "dev", "eth0", "nodad"});
  // So that an answer would find its way.
  Output({"/usr/sbin/ip", "route", "add", "fd00:9::63", "dev", HostInterfaceName("one")});
  EXPECT_EQ(Connect(task, "fd00:9::1", 80, "fd00:9::63"), Reach::kSilence);
  EXPECT_EQ(Connect(task, "fd00:9::1", 80, "fd00:9::5"), Reach::kConnected);
  In(task, {"/usr/sbin/ip", "link", "set", "eth0", "address", "02:00:00:00:00:99"});
  EXPECT_EQ(Connect(task, "fd00:9::1", 80, "fd00:9::5"), Reach::kSilence);
}

TEST_F(Ipv6NetworkTest, TheHostKeepsTakingRouterAdvertisementsWhereItDid) {
  const Netns outside = MakeOutside();
  GiveOutsideIpv6(outside);
  const std::string setting = "/proc/sys/net/ipv6/conf/uplink/accept_ra";
  ASSERT_EQ(*ReadFile(setting), "1\n");
  const Netns task = Start(Plan6("one", 5));
  EXPECT_EQ(*ReadFile("/proc/sys/net/ipv6/conf/all/forwarding"), "1\n");
  EXPECT_EQ(*ReadFile(setting), "2\n");
  EXPECT_EQ(*ReadFile("/proc/sys/net/ipv6/conf/" + HostInterfaceName("one") + "/accept_ra"), "0\n");
}

TEST_F(Ipv6NetworkTest, IsOffForTasksWithoutIt) {
  const Netns task = Start(Plan("one", 5));
  EXPECT_EQ(In(task, {"/usr/sbin/ip", "-6", "address", "show", "eth0"}), "");
  EXPECT_FALSE(*ReadFile("/proc/sys/net/ipv6/conf/all/forwarding") != "0\n");
}

TEST_F(Ipv6NetworkTest, DetachLeavesNothing) {
  const std::string before = DumpHost();
  {
    const Netns task = Start(Plan6("one", 5, {DefaultGroup()}, {{Protocol::kTcp, 8080, 80}}));
    Server server(host_, Protocol::kTcp, 80, "::");
    EXPECT_EQ(Connect(task, "fd00:9::1", 80), Reach::kConnected);
    ASSERT_TRUE(Detach("one", LinkEnd::kDiesWithNamespace, lock_));
    EXPECT_EQ(Output({"/usr/sbin/nft", "list", "ruleset"}), "");
    EXPECT_EQ(Connect(task, "fd00:9::1", 80), Reach::kSilence) << "it must be cut off at once";
  }
  ASSERT_TRUE(Detach("one", LinkEnd::kDeleteNow, lock_));
  EXPECT_EQ(DumpHost(), before);
}

TEST_F(Ipv6NetworkTest, RefusesAnAddressThatIsNotOfTheSubnet) {
  Attachment plan = Plan6("one", 5);
  plan.ipv6Address = *Ipv6::Parse("fd00:8::5");
  EXPECT_EQ(
      Attach(plan, host_, lock_).error().message(),
      "fd00:8::5 is no address for a task in subnet subnet-six (10.9.0.0/20 and fd00:9::/64)");
  plan = Plan6("one", 5);
  plan.subnet.cidrBlock.reset();
  EXPECT_FALSE(Attach(plan, host_, lock_)) << "10.9.0.5 is no address for the endpoint";
}

}  // namespace
}  // namespace berth::net
