#include "ecs/permission_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

using testing::HasSubstr;

IpPermission Tcp(int port, std::string cidr) {
  return {.IpProtocol = "tcp",
          .FromPort = port,
          .ToPort = port,
          .IpRanges = {{.CidrIp = std::move(cidr)}}};
}

TEST(PermissionEdit, AddsAPeerToThePermissionOfTheSamePorts) {
  std::vector<IpPermission> rules = {Tcp(80, "10.0.0.0/8")};
  IpPermission by_group = Tcp(80, "192.0.2.0/24");
  by_group.UserIdGroupPairs = {{.GroupId = "sg-app"}};
  ASSERT_TRUE(AuthorizePermissions(rules, {by_group, Tcp(81, "10.0.0.0/8")}));
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].IpRanges.size(), 2U);
  EXPECT_EQ(rules[0].UserIdGroupPairs[0].GroupId, "sg-app");
  EXPECT_EQ(rules[1], Tcp(81, "10.0.0.0/8"));
}

TEST(PermissionEdit, KnowsARuleInEveryWayToWriteIt) {
  std::vector<IpPermission> rules = {Tcp(80, "10.0.0.0/8")};
  IpPermission same = Tcp(80, "10.1.2.3/8");
  same.IpProtocol = "6";
  same.IpRanges[0].Description = "another description";
  const auto twice = AuthorizePermissions(rules, {Tcp(81, "10.0.0.0/8"), same});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message(),
            "InvalidPermission.Duplicate: the rule tcp 80-80 of 10.0.0.0/8 is there already");
  EXPECT_EQ(rules.size(), 1U) << "all or nothing";
  ASSERT_TRUE(RevokePermissions(rules, {same}));
  EXPECT_TRUE(rules.empty());
}

TEST(PermissionEdit, RevokesOnePeerAndLeavesTheOthers) {
  IpPermission two = Tcp(80, "10.0.0.0/8");
  two.Ipv6Ranges = {{.CidrIpv6 = "fd00::/8"}};
  std::vector<IpPermission> rules = {two};
  IpPermission v6 = Tcp(80, "");
  v6.IpRanges.clear();
  v6.Ipv6Ranges = {{.CidrIpv6 = "FD00:0::1/8"}};
  ASSERT_TRUE(RevokePermissions(rules, {v6}));
  EXPECT_EQ(rules, std::vector<IpPermission>{Tcp(80, "10.0.0.0/8")});
}

TEST(PermissionEdit, RefusesToRevokeWhatIsNotThere) {
  std::vector<IpPermission> rules = {Tcp(80, "10.0.0.0/8")};
  const auto absent = RevokePermissions(rules, {Tcp(80, "10.0.0.0/8"), Tcp(80, "10.0.0.0/16")});
  ASSERT_FALSE(absent);
  EXPECT_THAT(absent.error().message(), HasSubstr("InvalidPermission.NotFound"));
  EXPECT_EQ(rules.size(), 1U);
}

TEST(PermissionEdit, TakesPortsOfOtherProtocolsForNothing) {
  std::vector<IpPermission> rules = {{.IpProtocol = "-1", .IpRanges = {{.CidrIp = "0.0.0.0/0"}}}};
  ASSERT_TRUE(RevokePermissions(rules, {{.IpProtocol = "-1",
                                         .FromPort = 0,
                                         .ToPort = 65535,
                                         .IpRanges = {{.CidrIp = "0.0.0.0/0"}}}}));
  EXPECT_TRUE(rules.empty());
}

}  // namespace
}  // namespace berth::ecs
