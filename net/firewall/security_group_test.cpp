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
  ASSERT_EQ(group.egress.size(), 1U);
  EXPECT_EQ(std::get<Ipv4Cidr>(group.egress[0].peer).Format(), "0.0.0.0/0");
}

TEST(SecurityGroupTest, RefusesWhatCouldNotBeEnforced) {
  EXPECT_EQ(Complaint(With({.ports = PortRange{80, 80}})),
            "security group sg-web: ingress[0] has ports, which only TCP (6) and UDP (17) have");
  EXPECT_EQ(Complaint(With({.protocol = IPPROTO_TCP, .ports = PortRange{90, 80}})),
            "security group sg-web: ingress[0] has the ports 90-80 the wrong way round");
  EXPECT_EQ(Complaint(With({.protocol = IPPROTO_TCP, .icmp = IcmpKind{}})),
            "security group sg-web: ingress[0] has an ICMP type, but its protocol is not ICMP (1)");
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

TEST(SecurityGroupTest, HoldsToTheQuotaOfRules) {
  SecurityGroup group{.id = "sg-big"};
  group.egress.resize(61);
  EXPECT_EQ(Complaint(group), "security group sg-big has 61 egress rules; 60 are allowed");
}

}  // namespace
}  // namespace berth::net
