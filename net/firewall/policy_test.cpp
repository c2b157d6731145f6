// What the firewall lets through: security groups, bridge mode, and what no task may do.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "base/files.h"
#include "net/test_host.h"

namespace berth::net {
namespace {

using testing::HasSubstr;

class PolicyTest : public TestHost {
 protected:
  static SecurityGroup Web() {
    SecurityGroup group = DefaultGroup("sg-web");
    group.ingress = {{.protocol = IPPROTO_TCP, .ports = PortRange{80, 80}, .peer = Ipv4Cidr()}};
    return group;
  }
};

TEST_F(PolicyTest, DefaultGroupAdmitsItsMembersAlone) {
  const Netns one = Start(Plan("one", 5, {DefaultGroup()}));
  const Netns two = Start(Plan("two", 6, {DefaultGroup()}));
  const Netns other = Start(Plan("other", 7, {DefaultGroup("sg-other")}));
  Server server(one, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(two, "10.9.0.5", 80), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "10.9.0.6");
  EXPECT_EQ(Connect(other, "10.9.0.5", 80), Reach::kSilence);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 80), Reach::kSilence) << "the host is no member either";
}

TEST_F(PolicyTest, EgressAllReachesTheHostAndItsReplies) {
  const Netns task = Start(Plan("one", 5, {DefaultGroup()}));
  Server server(host_, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(task, "10.9.0.1", 80), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "10.9.0.5");
  EXPECT_EQ(Connect(task, "10.9.0.1", 81), Reach::kRefused);
}

TEST_F(PolicyTest, NoEgressRulesLetNothingOut) {
  SecurityGroup mute = DefaultGroup();
  mute.egress.clear();
  const Netns task = Start(Plan("one", 5, {mute}));
  const Netns peer = Start(Plan("two", 6));
  Server server(task, Protocol::kTcp, 80);
  Server on_host(host_, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(task, "10.9.0.1", 80), Reach::kSilence);
  EXPECT_EQ(Connect(task, "10.9.0.6", 80), Reach::kSilence);
}

TEST_F(PolicyTest, LeavingIsNotArriving) {
  // The sender may send everywhere, the receiver takes port 80 alone: both rules must hold.
  const Netns receiver = Start(Plan("web", 5, {Web()}));
  const Netns sender = Start(Plan("one", 6, {DefaultGroup()}));
  Server open(receiver, Protocol::kTcp, 80);
  Server closed(receiver, Protocol::kTcp, 81);
  EXPECT_EQ(Connect(sender, "10.9.0.5", 80), Reach::kConnected);
  EXPECT_EQ(Connect(sender, "10.9.0.5", 81), Reach::kSilence);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 80), Reach::kConnected);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 81), Reach::kSilence);
}

TEST_F(PolicyTest, RulesMatchPortRangesBlocksAndProtocols) {
  SecurityGroup group = DefaultGroup("sg-mixed");
  group.ingress = {{.protocol = IPPROTO_TCP,
                    .ports = PortRange{8000, 8010},
                    .peer = *Ipv4Cidr::Parse("10.9.0.6/32")},
                   {.protocol = IPPROTO_UDP, .peer = *Ipv4Cidr::Parse("10.9.0.6/31")},
                   {.protocol = IPPROTO_ICMP, .icmp = IcmpKind{.type = 8}, .peer = Ipv4Cidr()}};
  const Netns receiver = Start(Plan("mixed", 5, {group}));
  const Netns near = Start(Plan("near", 6));
  const Netns beside = Start(Plan("beside", 7));
  const Netns far = Start(Plan("far", 8));
  for (const uint16_t port : {8000, 8010}) {
    Server server(receiver, Protocol::kTcp, port);
    EXPECT_EQ(Connect(near, "10.9.0.5", port), Reach::kConnected);
    EXPECT_EQ(Connect(beside, "10.9.0.5", port), Reach::kSilence);
  }
  EXPECT_EQ(Connect(near, "10.9.0.5", 7999), Reach::kSilence);
  EXPECT_EQ(Connect(near, "10.9.0.5", 8011), Reach::kSilence);
  Server dns(receiver, Protocol::kUdp, 53);
  EXPECT_TRUE(Echoes(near, "10.9.0.5", 53, dns));
  EXPECT_TRUE(Echoes(beside, "10.9.0.5", 53, dns));
  EXPECT_FALSE(Echoes(far, "10.9.0.5", 53, dns));
  Output({"/bin/busybox", "ping", "-c1", "-W1", "10.9.0.5"});
}

TEST_F(PolicyTest, TheUnionOfAllGroupsHolds) {
  const Netns both = Start(Plan("both", 5, {DefaultGroup(), Web()}));
  const Netns member = Start(Plan("member", 6, {DefaultGroup()}));
  Server web(both, Protocol::kTcp, 80);
  Server other(both, Protocol::kTcp, 9000);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 80), Reach::kConnected);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 9000), Reach::kSilence);
  EXPECT_EQ(Connect(member, "10.9.0.5", 9000), Reach::kConnected);
}

TEST_F(PolicyTest, AttachingWithChangedRulesChangesThemForAllMembers) {
  const Netns first = Start(Plan("first", 5, {Web()}));
  Server closed(first, Protocol::kTcp, 81);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 81), Reach::kSilence);
  SecurityGroup changed = Web();
  changed.ingress[0].ports = PortRange{81, 81};
  const Netns second = Start(Plan("second", 6, {changed}));
  EXPECT_EQ(Connect(host_, "10.9.0.5", 81), Reach::kConnected);
  EXPECT_EQ(Connect(host_, "10.9.0.5", 80), Reach::kSilence);
}

TEST_F(PolicyTest, AGroupMayReferToOneThatNobodyIsInYet) {
  SecurityGroup database = DefaultGroup("sg-db");
  database.ingress = {{.peer = GroupReference{"sg-app"}}};
  const Netns db = Start(Plan("db", 5, {database}));
  Server server(db, Protocol::kTcp, 5432);
  const Netns app = Start(Plan("app", 6, {DefaultGroup("sg-app")}));
  EXPECT_EQ(Connect(app, "10.9.0.5", 5432), Reach::kConnected);
  ASSERT_TRUE(Detach("app", LinkEnd::kDeleteNow, lock_));
  const Netns stranger = Start(Plan("stranger", 6, {DefaultGroup("sg-else")}));
  EXPECT_EQ(Connect(stranger, "10.9.0.5", 5432), Reach::kSilence)
      << "the address must not inherit what its last owner could do";
}

TEST_F(PolicyTest, BridgeModeIsOpenToPeersAndTheHostAlone) {
  const Netns one = Start(Plan("one", 5));
  const Netns two = Start(Plan("two", 6));
  const Netns grouped = Start(Plan("grouped", 7, {DefaultGroup()}));
  const Netns outside = MakeOutside();
  Server server(one, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(two, "10.9.0.5", 80), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "10.9.0.6") << "peers see each other's addresses";
  EXPECT_EQ(Connect(host_, "10.9.0.5", 80), Reach::kConnected);
  EXPECT_EQ(Connect(grouped, "10.9.0.5", 80), Reach::kSilence);
  ASSERT_TRUE(outside.Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "route", "add", "10.9.0.0/20", "via", "192.0.2.1"});
    return {};
  }));
  EXPECT_EQ(Connect(outside, "10.9.0.5", 80), Reach::kSilence);
}

TEST_F(PolicyTest, TasksGoOutUnderTheHostsAddress) {
  const Netns outside = MakeOutside();
  const Netns task = Start(Plan("one", 5, {DefaultGroup()}));
  Server server(outside, Protocol::kTcp, 443);
  EXPECT_EQ(Connect(task, "192.0.2.2", 443), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "192.0.2.1");
}

TEST_F(PolicyTest, ASubnetWithoutMasqueradeKeepsItsAddresses) {
  const Netns outside = MakeOutside();
  ASSERT_TRUE(outside.Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "route", "add", "10.9.0.0/20", "via", "192.0.2.1"});
    return {};
  }));
  Attachment plan = Plan("one", 5, {DefaultGroup()});
  plan.subnet.masquerade = Masquerade::kNever;
  const Netns task = Start(plan);
  Server server(outside, Protocol::kTcp, 443);
  EXPECT_EQ(Connect(task, "192.0.2.2", 443), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "10.9.0.5");
}

TEST_F(PolicyTest, AnotherSourceAddressIsDropped) {
  const Netns task = Start(Plan("one", 5));
  ASSERT_TRUE(task.Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "address", "add", "10.9.0.99/32", "dev", "eth0"});
    return {};
  }));
  // The reverse path filter would refuse it too; here the firewall has to.
  Output({"/usr/sbin/ip", "route", "add", "10.9.0.99", "dev", HostInterfaceName("one")});
  Server server(host_, Protocol::kTcp, 80);
  EXPECT_EQ(Connect(task, "10.9.0.1", 80, "10.9.0.99"), Reach::kSilence);
  EXPECT_EQ(Connect(task, "10.9.0.1", 80), Reach::kConnected);
}

TEST_F(PolicyTest, AnotherMacIsDropped) {
  const Netns task = Start(Plan("one", 5));
  Server server(host_, Protocol::kTcp, 80);
  ASSERT_TRUE(task.Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "link", "set", "eth0", "address", "02:00:00:00:00:99"});
    return {};
  }));
  EXPECT_EQ(Connect(task, "10.9.0.1", 80), Reach::kSilence);
}

TEST_F(PolicyTest, TheHostsLoopbackIsOutOfReach) {
  const Netns task = Start(Plan("one", 5));
  Server server(host_, Protocol::kTcp, 80);
  ASSERT_TRUE(task.Run([]() -> Result<void> {
    // What a task with CAP_NET_ADMIN could try: 127/8 by way of its interface.
    Output({"/usr/sbin/ip", "address", "flush", "dev", "lo"});
    Output({"/usr/sbin/ip", "route", "add", "127.0.0.0/8", "via", "10.9.0.1", "dev", "eth0",
            "onlink"});
    return WriteControlFile(AT_FDCWD, "/proc/sys/net/ipv4/conf/eth0/route_localnet", "1");
  }));
  EXPECT_EQ(Connect(task, "127.0.0.1", 80), Reach::kSilence);
}

TEST_F(PolicyTest, InstanceMetadataIsRefusedAtOnce) {
  const Netns outside = MakeOutside();
  ASSERT_TRUE(outside.Run([]() -> Result<void> {
    Output({"/usr/sbin/ip", "address", "add", "169.254.169.254/32", "dev", "eth0"});
    return {};
  }));
  Server server(outside, Protocol::kTcp, 80);
  const Netns task = Start(Plan("one", 5));
  EXPECT_EQ(Connect(host_, "169.254.169.254", 80), Reach::kConnected);
  EXPECT_EQ(Connect(task, "169.254.169.254", 80), Reach::kRefused);
}

TEST_F(PolicyTest, ForeignTrafficPassesUntouched) {
  const Netns outside = MakeOutside();
  const Netns task = Start(Plan("one", 5, {DefaultGroup()}));
  Server server(host_, Protocol::kTcp, 22);
  EXPECT_EQ(Connect(outside, "192.0.2.1", 22), Reach::kConnected);
  EXPECT_EQ(server.Peer(), "192.0.2.2");
}

}  // namespace
}  // namespace berth::net
