#include "net/firewall/judge.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace berth::net {
namespace {

const Ipv4 kOne = *Ipv4::Parse("10.9.0.5");
const Ipv4 kTwo = *Ipv4::Parse("10.9.0.6");
const Ipv4 kOutside = *Ipv4::Parse("192.0.2.2");

FirstPacket Tcp(IpAddress from, IpAddress to, uint16_t port) {
  return {.protocol = IPPROTO_TCP, .source = from, .destination = to, .destinationPort = port};
}

class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    SecurityGroup web = DefaultGroup("sg-web");
    web.ingress = {{.protocol = IPPROTO_TCP, .ports = PortRange{80, 81}, .peer = Ipv4Cidr()}};
    at_work_.groups = {{"sg-web", web}, {"sg-app", DefaultGroup("sg-app")}};
    at_work_.members = {{"sg-web", {kOne}}, {"sg-app", {kTwo}}};
  }
  bool Refuses(const FirstPacket& packet,
               const std::set<std::string>& judged = {"sg-web", "sg-app"}) const {
    return AreRefusing(at_work_, judged, packet);
  }
  std::vector<Rule>& WebIngress() { return at_work_.groups["sg-web"].ingress; }

  GroupsAtWork at_work_;
};

TEST_F(JudgeTest, AsksBothSides) {
  EXPECT_FALSE(Refuses(Tcp(kTwo, kOne, 81)));
  EXPECT_TRUE(Refuses(Tcp(kTwo, kOne, 82))) << "the receiver's port";
  at_work_.groups["sg-app"].egress.clear();
  EXPECT_TRUE(Refuses(Tcp(kTwo, kOne, 81))) << "the sender's word";
}

TEST_F(JudgeTest, LeavesAloneWhoIsInNoJudgedGroup) {
  EXPECT_FALSE(Refuses(Tcp(kTwo, kOne, 82), {"sg-app"}));
  EXPECT_FALSE(Refuses(Tcp(kOutside, kOutside, 82)));
}

TEST_F(JudgeTest, TakesTheUnionOfAllGroupsOfASide) {
  at_work_.members["sg-app"].insert(kOne);
  EXPECT_FALSE(Refuses(Tcp(kTwo, kOne, 82))) << "both are in sg-app";
  EXPECT_TRUE(Refuses(Tcp(kOutside, kOne, 82)));
  at_work_.groups.erase("sg-app");
  EXPECT_FALSE(Refuses(Tcp(kOutside, kOne, 82))) << "nobody knows what sg-app allows";
}

TEST_F(JudgeTest, LooksAtIcmpKindsAndFamilies) {
  WebIngress() = {{.protocol = IPPROTO_ICMP, .icmp = IcmpKind{.type = 8}, .peer = Ipv4Cidr()},
                  {.peer = Ipv6Cidr()}};
  FirstPacket ping = {.protocol = IPPROTO_ICMP,
                      .source = kOutside,
                      .destination = kOne,
                      .icmp = {.type = 8, .code = 0}};
  EXPECT_FALSE(Refuses(ping));
  ping.icmp.type = 13;
  EXPECT_TRUE(Refuses(ping)) << "all of IPv6 is nothing of IPv4";
}

TEST_F(JudgeTest, SeesRedirectedFlowsAsTheRulesDo) {
  const Ipv4 host = *Ipv4::Parse("192.0.2.1");
  TrackedFlow flow = {.protocol = IPPROTO_TCP,
                      .original = {kOutside, host, 40000, 8080},
                      .reply = {kOne, kOutside, 80, 40000}};
  EXPECT_FALSE(Refuses(FirstPacketOf(flow)));
  flow.reply.sourcePort = 90;
  EXPECT_TRUE(Refuses(FirstPacketOf(flow)));
}

}  // namespace
}  // namespace berth::net
