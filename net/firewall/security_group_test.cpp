#include "net/firewall/security_group.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace berth::net {
namespace {

std::string Complaint(const SecurityGroup& group) {
  const auto checked = CheckGroup(group);
  return checked ? "" : checked.error().message();
}

SecurityGroup With(Rule rule) { return {.id = "sg-web", .ingress = {std::move(rule)}}; }

TEST(SecurityGroupTest, TheDefaultGroupAdmitsItselfAndLetsEverythingOut) {
  const SecurityGroup group = DefaultGroup();
  EXPECT_EQ(Complaint(group), "");
  ASSERT_EQ(group.ingress.size(), 1U);
  EXPECT_EQ(std::get<GroupReference>(group.ingress[0].peer).groupId, group.id);
  ASSERT_EQ(group.egress.size(), 2U);
  EXPECT_EQ(std::get<Ipv6Cidr>(group.egress[1].peer).Format(), "::/0");
  EXPECT_EQ(std::get<Ipv4Cidr>(group.egress[0].peer).Format(), "0.0.0.0/0");
}

TEST(SecurityGroupTest, RefusesWhatCouldNotBeEnforced) {
  EXPECT_EQ(Complaint(With({.ports = PortRange{80, 80}})),
            "security group sg-web: ingress[0] has ports, which only TCP (6) and UDP (17) have");
  EXPECT_EQ(Complaint(With({.protocol = IPPROTO_TCP, .ports = PortRange{90, 80}})),
            "security group sg-web: ingress[0] has the ports 90-80 the wrong way round");
  EXPECT_EQ(Complaint(With({.protocol = IPPROTO_TCP, .icmp = IcmpKind{}})),
            "security group sg-web: ingress[0] has an ICMP type, but its protocol is neither ICMP "
            "(1) nor "
            "ICMPv6 (58)");
  EXPECT_EQ(Complaint(With({.protocol = IPPROTO_ICMP, .icmp = IcmpKind{.type = 256}})),
            "security group sg-web: ingress[0] has an ICMP type or code outside -1 to 255");
  EXPECT_EQ(Complaint(With({.protocol = IPPROTO_ICMP, .icmp = IcmpKind{.code = 1}})),
            "security group sg-web: ingress[0] has an ICMP code without a type");
  EXPECT_EQ(Complaint(With({.peer = GroupReference{"sg web"}})),
            "security group sg-web: ingress[0] refers to the group \"sg web\": a name is 1 to 64 "
            "letters, digits and hyphens");
}

TEST(SecurityGroupTest, RefusesNamesThatCouldBeTakenForOurOwnChains) {
  EXPECT_EQ(Complaint({.id = "bridge_ingress"}),
            "security group \"bridge_ingress\": a name is 1 to 64 letters, digits and hyphens");
}

TEST(SecurityGroupTest, KeepsTheFamiliesApart) {
  EXPECT_EQ(Complaint(With({.protocol = IPPROTO_ICMP, .peer = Ipv6Cidr()})),
            "security group sg-web: ingress[0] has ICMP (1) with a block of IPv6, which has ICMPv6 "
            "(58)");
  EXPECT_EQ(
      Complaint(With({.protocol = IPPROTO_ICMPV6, .peer = Ipv4Cidr()})),
      "security group sg-web: ingress[0] has ICMPv6 (58) with a block of IPv4, which has ICMP "
      "(1)");
  EXPECT_EQ(Complaint(With(
                {.protocol = IPPROTO_ICMPV6, .icmp = IcmpKind{.type = 128}, .peer = Ipv6Cidr()})),
            "");
  const Rule ping = {.protocol = IPPROTO_ICMP, .peer = GroupReference{"sg-a"}};
  EXPECT_TRUE(IsAboutIpv4(ping));
  EXPECT_FALSE(IsAboutIpv6(ping));
}

TEST(SecurityGroupTest, HoldsToTheQuotaOfRulesADirectionAndFamily) {
  SecurityGroup group{.id = "sg-big"};
  group.egress.assign(60, {.peer = Ipv4Cidr()});
  group.egress.resize(120, {.peer = Ipv6Cidr()});
  EXPECT_EQ(Complaint(group), "");
  group.egress.push_back({.peer = GroupReference{"sg-big"}});
  EXPECT_EQ(Complaint(group), "security group sg-big has 61 egress rules for IPv4; 60 are allowed");
  group.egress.back() = {.protocol = IPPROTO_ICMPV6, .peer = GroupReference{"sg-big"}};
  EXPECT_EQ(Complaint(group), "security group sg-big has 61 egress rules for IPv6; 60 are allowed");
}

}  // namespace
}  // namespace berth::net
