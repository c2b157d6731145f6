#include "agent/config.h"

#include <gtest/gtest.h>

namespace berth::agent {
namespace {

std::string Failure(std::string_view json) {
  const auto config = Config::Parse(json);
  return config ? "" : config.error().message();
}

TEST(ConfigTest, AnEmptyFileGivesTheDefaults) {
  const auto config = Config::Parse("{}");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->subnets.front().subnet.subnetId, "subnet-default");
  EXPECT_EQ(config->FindGroup("sg-default")->egress.size(), 1U);
  EXPECT_TRUE(Config::Load("/no/such/file"));
}

TEST(ConfigTest, ReadsWhoMakesCgroups) {
  EXPECT_EQ(Config::Parse("{}")->cgroupManager, cgroups::Manager::kAuto);
  EXPECT_EQ(Config::Parse(R"({"cgroupManager": "systemd"})")->cgroupManager,
            cgroups::Manager::kSystemd);
}

TEST(ConfigTest, ReadsGroupsAsEc2WritesThem) {
  const auto config = Config::Parse(R"({
    "subnets": [{"subnetId": "subnet-a", "cidrBlock": "10.1.0.0/24", "masquerade": false}],
    "securityGroups": [{"GroupId": "sg-web", "IpPermissions": [
      {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81,
       "IpRanges": [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "10.0.0.0/8"}],
       "UserIdGroupPairs": [{"GroupId": "sg-web"}]}]}]})");
  ASSERT_TRUE(config) << config.error().message();
  const auto group = config->FindGroup("sg-web");
  ASSERT_TRUE(group);
  EXPECT_EQ(group->ingress.size(), 3U);
  EXPECT_EQ(group->ingress[0].ports->last, 81);
  EXPECT_TRUE(group->egress.empty());
  EXPECT_EQ(config->subnets[0].subnet.masquerade, net::Masquerade::kNever);
}

TEST(ConfigTest, ErrorsNameThePlace) {
  EXPECT_EQ(Failure(R"({"subnet": []})"), "unknown field \"subnet\"");
  EXPECT_EQ(Failure(R"({"subnets": [{"subnetId": "a"}]})"), "subnets[0]: cidrBlock is required");
  EXPECT_TRUE(Failure(R"({"subnets": [{"subnetId": "a", "cidrBlock": "10.0.0.1/8"}]})")
                  .starts_with("subnets[0]: "));
  EXPECT_EQ(Failure(R"({"subnets": [{"subnetId": "a", "cidrBlock": "10.0.0.0/16"},
                                    {"subnetId": "b", "cidrBlock": "10.0.8.0/24"}]})"),
            "subnets[1].cidrBlock: 10.0.8.0/24 overlaps 10.0.0.0/16 of a");
  EXPECT_EQ(Failure(R"({"cgroupManager": "docker"})"),
            "cgroupManager: must be auto, cgroupfs or systemd, not \"docker\"");
  EXPECT_TRUE(Failure(R"({"securityGroups": [{"GroupId": "sg-a", "IpPermissions": [
                          {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]}]})")
                  .ends_with("Ipv6Ranges is not supported yet: tasks have no IPv6"));
}

TEST(ConfigTest, UnknownNamesAreAnsweredWithTheKnown) {
  const auto config = Config::Parse("{}");
  EXPECT_EQ(config->FindSubnet("subnet-x").error().message(),
            "subnet subnet-x is not configured on this host; there are: subnet-default");
  EXPECT_EQ(config->FindGroup("sg-x").error().message(),
            "security group sg-x is not configured on this host; there are: sg-default");
}

TEST(ConfigTest, NamesHaveADomainAndCanBeTurnedOff) {
  EXPECT_TRUE(Config::Parse("{}")->names.enabled);
  EXPECT_EQ(Config::Parse("{}")->names.domain, "berth.internal");
  const auto config = Config::Parse(R"({"names": {"enabled": false, "domain": "lab"}})");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_FALSE(config->names.enabled);
  EXPECT_EQ(config->names.domain, "lab");
  for (const char* domain : {"", "a b", "a\\nb", "lab.", "\\\" include: x"}) {
    const auto refused = Config::Parse(fmt::format(R"({{"names": {{"domain": "{}"}}}})", domain));
    ASSERT_FALSE(refused) << domain;
    EXPECT_NE(refused.error().message().find("names.domain: must be a domain"), std::string::npos)
        << refused.error().message();
  }
}

}  // namespace
}  // namespace berth::agent
