#include "ecs/security_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::ecs {
namespace {

// Parses one group with this one permission.
Result<std::vector<SecurityGroup>> ParseRule(const std::string& permission) {
  return ParseSecurityGroups(R"([{"GroupId":"sg-1","IpPermissions":[)" + permission + "]}]");
}

std::string PermissionError(const std::string& permission) {
  const auto groups = ParseRule(permission);
  return groups ? "no error" : groups.error().message();
}

TEST(SecurityGroups, AreReadAsEc2DescribesThem) {
  const auto groups = ParseSecurityGroups(R"({"SecurityGroups":[{
      "Description":"web servers","GroupName":"web","OwnerId":"123456789012",
      "GroupId":"sg-0a1b","VpcId":"vpc-1","Tags":[{"Key":"Name","Value":"web"}],
      "SecurityGroupArn":"arn:aws:ec2:eu-central-1:123456789012:security-group/sg-0a1b",
      "IpPermissions":[
        {"IpProtocol":"tcp","FromPort":80,"ToPort":443,"PrefixListIds":[],
         "IpRanges":[{"CidrIp":"0.0.0.0/0","Description":"all"}],"Ipv6Ranges":[{"CidrIpv6":"::/0"}],
         "UserIdGroupPairs":[]},
        {"IpProtocol":"-1","IpRanges":[],"Ipv6Ranges":[],"PrefixListIds":[],
         "UserIdGroupPairs":[{"GroupId":"sg-0a1b","UserId":"123456789012"}]}],
      "IpPermissionsEgress":[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]}]})");
  ASSERT_TRUE(groups) << groups.error().message();
  ASSERT_EQ(groups->size(), 1u);
  const SecurityGroup& web = groups->front();
  EXPECT_EQ(web.GroupName, "web");
  EXPECT_EQ(web.IpPermissions[0].FromPort, 80);
  EXPECT_EQ(web.IpPermissions[0].Ipv6Ranges[0].CidrIpv6, "::/0");
  EXPECT_EQ(web.IpPermissions[1].FromPort, std::nullopt);
  EXPECT_EQ(web.IpPermissions[1].UserIdGroupPairs[0].GroupId, "sg-0a1b");
  EXPECT_EQ(web.IpPermissionsEgress[0].IpProtocol, "-1");
}

TEST(SecurityGroups, OneMayStandAlone) {
  const auto groups = ParseSecurityGroups(R"({"GroupId":"sg-1"})");
  ASSERT_TRUE(groups) << groups.error().message();
  EXPECT_EQ(groups->front().GroupId, "sg-1");
}

TEST(SecurityGroups, TakeIcmpTypesAndProtocolNumbers) {
  EXPECT_EQ(PermissionError(R"({"IpProtocol":"icmp","FromPort":8,"ToPort":-1,
                        "IpRanges":[{"CidrIp":"10.0.0.0/8"}]})"),
            "no error");
  EXPECT_EQ(PermissionError(R"({"IpProtocol":"50","IpRanges":[{"CidrIp":"10.0.0.1/32"}]})"),
            "no error");
}

TEST(SecurityGroups, RefuseBadProtocolsAndPorts) {
  EXPECT_EQ(PermissionError(R"({"IpProtocol":"http","IpRanges":[{"CidrIp":"0.0.0.0/0"}]})"),
            "[0].IpPermissions[0].IpProtocol: must be -1, tcp, udp, icmp, icmpv6 or a number from "
            "0 to 255, not \"http\"");
  EXPECT_EQ(PermissionError(R"({"IpProtocol":"tcp","FromPort":443,"ToPort":80,
                        "IpRanges":[{"CidrIp":"0.0.0.0/0"}]})"),
            "[0].IpPermissions[0].ToPort: must not be less than FromPort (443), not 80");
  EXPECT_EQ(
      PermissionError(R"({"IpProtocol":"udp","FromPort":53,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]})"),
      "[0].IpPermissions[0]: FromPort and ToPort are required with IpProtocol udp");
  EXPECT_EQ(PermissionError(R"({"FromPort":70000,"ToPort":70001,"IpProtocol":"tcp",
                        "UserIdGroupPairs":[{"GroupId":"sg-2"}]})"),
            "[0].IpPermissions[0].FromPort: must be from 0 to 65535, not 70000\n"
            "[0].IpPermissions[0].ToPort: must be from 0 to 65535, not 70001");
}

TEST(SecurityGroups, RefuseBadPeers) {
  EXPECT_EQ(PermissionError(R"({"IpProtocol":"-1"})"),
            "[0].IpPermissions[0]: must name a range, a prefix list or a group");
  EXPECT_EQ(
      PermissionError(R"({"IpProtocol":"-1","IpRanges":[{"CidrIp":"10.0.0.0"},{"CidrIp":"::/0"}],
                        "Ipv6Ranges":[{"CidrIpv6":"::/129"}],"UserIdGroupPairs":[{}]})"),
      "[0].IpPermissions[0].IpRanges[0].CidrIp: must be an IPv4 range as 10.0.0.0/8, not "
      "\"10.0.0.0\"\n"
      "[0].IpPermissions[0].IpRanges[1].CidrIp: must be an IPv4 range as 10.0.0.0/8, not "
      "\"::/0\"\n"
      "[0].IpPermissions[0].Ipv6Ranges[0].CidrIpv6: must be an IPv6 range as fd00::/8, not "
      "\"::/129\"\n"
      "[0].IpPermissions[0].UserIdGroupPairs[0]: GroupId is required");
}

TEST(SecurityGroups, KeepIcmpOfTheFamiliesApart) {
  const std::string icmp = R"({"IpProtocol":"icmp","IpRanges":[{"CidrIp":"0.0.0.0/0"}])";
  EXPECT_EQ(PermissionError(icmp + "}"),
            "[0].IpPermissions[0]: FromPort (type) and ToPort (code) are required with IpProtocol "
            "icmp; -1 is any");
  EXPECT_EQ(PermissionError(icmp + R"(,"FromPort":-1,"ToPort":3})"),
            "[0].IpPermissions[0].ToPort: must be -1 where FromPort is -1, not 3");
  EXPECT_EQ(
      PermissionError(icmp + R"(,"FromPort":8,"ToPort":-1,"Ipv6Ranges":[{"CidrIpv6":"::/0"}]})"),
      "[0].IpPermissions[0].Ipv6Ranges: must not be given with IpProtocol icmp: IPv6 has icmpv6");
  EXPECT_EQ(PermissionError(R"({"IpProtocol":"icmpv6","Ipv6Ranges":[{"CidrIpv6":"::/0"}]})"),
            "no error");
  EXPECT_EQ(PermissionError(R"({"IpProtocol":"58","FromPort":128,"ToPort":256,
                        "IpRanges":[{"CidrIp":"0.0.0.0/0"}]})"),
            "[0].IpPermissions[0].ToPort: must be from -1 to 255, not 256\n"
            "[0].IpPermissions[0].IpRanges: must not be given with IpProtocol 58: IPv4 has icmp");
}

TEST(SecurityGroups, HaveAtMost60RulesADirectionAndFamily) {
  const auto ranges = [](const std::string& field, const std::string& pattern, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) {
      all += fmt::format(R"({}{{"{}":"{}{}"}})", i == 0 ? "" : ",", field, pattern, i);
    }
    return all;
  };
  const std::string ipv6 = ranges("CidrIpv6", "fd00::/", 60);
  const auto permission = [&](int ipv4, const std::string& more) {
    return R"({"IpProtocol":"-1","IpRanges":[)" + ranges("CidrIp", "10.0.0.0/", ipv4) +
           R"(],"Ipv6Ranges":[)" + ipv6 + "]" + more + "}";
  };
  EXPECT_EQ(PermissionError(permission(30, "")), "no error");
  EXPECT_EQ(PermissionError(permission(30, R"(,"UserIdGroupPairs":[{"GroupId":"sg-1"}])")),
            "[0].IpPermissions: must have at most 60 rules for IPv6, not 61");
}

TEST(SecurityGroups, HaveIdsOfTheirOwn) {
  const auto groups = ParseSecurityGroups(R"([{"GroupId":"sg-1"},{"GroupId":"sg-1"},{}])");
  ASSERT_FALSE(groups);
  EXPECT_EQ(groups.error().message(), "[1].GroupId: is given twice\n[2]: GroupId is required");
  EXPECT_EQ(ParseSecurityGroups(R"({"GroupId":"sg_1"})").error().message(),
            "GroupId: must be an id of at most 64 letters, digits and hyphens, as sg-0123abcd, not "
            "\"sg_1\"");
}

}  // namespace
}  // namespace berth::ecs
