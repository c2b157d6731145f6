#include "agent/config.h"

#include <gtest/gtest.h>

#include "agent/network/group_rules.h"

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
  EXPECT_TRUE(Config::Load("/no/such/file"));
}

TEST(ConfigTest, ReadsWhoMakesCgroups) {
  EXPECT_EQ(Config::Parse("{}")->cgroupManager, cgroups::Manager::kAuto);
  EXPECT_EQ(Config::Parse(R"({"cgroupManager": "systemd"})")->cgroupManager,
            cgroups::Manager::kSystemd);
}

TEST(ConfigTest, ReadsHowManyFlowsATaskMayHave) {
  EXPECT_FALSE(Config::Parse("{}")->flowLimit);
  EXPECT_EQ(Config::Parse(R"({"flowLimit": 2000})")->flowLimit, 2000U);
  EXPECT_EQ(Failure(R"({"flowLimit": 15})"), "flowLimit: must be 16 to 16777216, not 15");
  EXPECT_FALSE(Config::Parse(R"({"flowLimit": -1})"));
}

TEST(ConfigTest, ReadsHowManyInterfacesAreKeptReady) {
  EXPECT_EQ(Config::Parse("{}")->interfacePool, 4U);
  EXPECT_EQ(Config::Parse(R"({"interfacePool": 0})")->interfacePool, 0U);
  EXPECT_EQ(Failure(R"({"interfacePool": 257})"), "interfacePool: must be 0 to 256, not 257");
}

TEST(ConfigTest, ReadsWhetherPublishedPortsObeyTheHost) {
  EXPECT_FALSE(Config::Parse("{}")->portsObeyInput);
  EXPECT_TRUE(Config::Parse(R"({"publishedPorts": {"obeyInput": true}})")->portsObeyInput);
  EXPECT_EQ(Failure(R"({"publishedPorts": {"obeyInput": 1}})"),
            "publishedPorts.obeyInput: must be true or false, not number");
}

TEST(ConfigTest, ReadsGroupsAsEc2WritesThem) {
  const auto config = Config::Parse(R"({
    "subnets": [{"subnetId": "subnet-a", "cidrBlock": "10.1.0.0/24", "masquerade": false}],
    "securityGroups": [{"GroupId": "sg-web", "IpPermissions": [
      {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81,
       "IpRanges": [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "10.0.0.0/8"}],
       "UserIdGroupPairs": [{"GroupId": "sg-web"}]}]}]})");
  ASSERT_TRUE(config) << config.error().message();
  const auto group = ToNetGroup(config->securityGroups.at(0), config->prefixLists);
  ASSERT_TRUE(group);
  EXPECT_EQ(group->ingress.size(), 3U);
  EXPECT_EQ(group->ingress[0].ports->last, 81);
  EXPECT_TRUE(group->egress.empty());
  EXPECT_EQ(config->subnets[0].subnet.masquerade, net::Masquerade::kNever);
}

TEST(ConfigTest, ErrorsNameThePlace) {
  EXPECT_EQ(Failure(R"({"subnet": []})"), "unknown field \"subnet\"");
  EXPECT_EQ(Failure(R"({"subnets": [{"subnetId": "a"}]})"),
            "subnets[0]: cidrBlock or ipv6CidrBlock is required");
  EXPECT_TRUE(Failure(R"({"subnets": [{"subnetId": "a", "cidrBlock": "10.0.0.1/8"}]})")
                  .starts_with("subnets[0]: "));
  EXPECT_EQ(Failure(R"({"subnets": [{"subnetId": "a", "cidrBlock": "10.0.0.0/16"},
                                    {"subnetId": "b", "cidrBlock": "10.0.8.0/24"}]})"),
            "subnets[1]: cidrBlock: 10.0.8.0/24 overlaps 10.0.0.0/16 of a");
  EXPECT_EQ(Failure(R"({"subnets": [{"subnetId": "a", "ipv6CidrBlock": "fd00::/48"},
                                    {"subnetId": "b", "ipv6CidrBlock": "fd00:0:0:1::/64"}]})"),
            "subnets[1]: ipv6CidrBlock: fd00:0:0:1::/64 overlaps fd00::/48 of a");
  EXPECT_EQ(Failure(R"({"bridge": {"ipv6CidrBlock": "fe80::/64"}})"),
            "bridge: subnet bridge: fe80::/64 lies in fe80::/10, which no interface can have");
  EXPECT_EQ(Failure(R"({"cgroupManager": "docker"})"),
            "cgroupManager: must be auto, cgroupfs or systemd, not \"docker\"");
  EXPECT_EQ(Failure(R"({"securityGroups": [{"GroupId": "sg-a", "IpPermissions": [
                          {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-a"}]}]}]})"),
            "securityGroups: sg-a: IpPermissions[0].PrefixListIds[0].PrefixListId: there is no "
            "prefix list \"pl-a\"");
  EXPECT_EQ(Failure(R"({"prefixLists": [{"PrefixListId": "pl-a", "AddressFamily": "IPv4",
                          "Entries": [{"Cidr": "x"}]}]})"),
            "prefixLists: [0].Entries[0].Cidr: must be an IPv4 range as 10.0.0.0/8, not \"x\"");
}

TEST(ConfigTest, SubnetsAndTheBridgeMayHaveIpv6) {
  const auto config = Config::Parse(R"({
    "subnets": [{"subnetId": "a", "cidrBlock": "10.0.0.0/24", "ipv6CidrBlock": "fd00::/64"},
                {"subnetId": "b", "ipv6CidrBlock": "fd00:0:0:1::/64", "dnsServers": ["fd00::53"]}],
    "bridge": {"ipv6CidrBlock": "fd00:0:0:2::/64"}})");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->subnets[0].subnet.FormatBlocks(), "10.0.0.0/24 and fd00::/64");
  EXPECT_FALSE(config->subnets[1].subnet.cidrBlock);
  EXPECT_EQ(config->bridge.FormatBlocks(), "172.31.240.0/20 and fd00:0:0:2::/64");
}

TEST(ConfigTest, ASubnetMayBePartOfALan) {
  const auto config = Config::Parse(R"({
    "subnets": [{"subnetId": "a", "cidrBlock": "192.168.1.128/26", "driver": "lan",
                 "parent": "eth1", "gateway": "192.168.1.1", "mtu": 1400,
                 "ipv6CidrBlock": "fd00:1::/112"},
                {"subnetId": "b", "cidrBlock": "10.0.0.0/24", "driver": "routed",
                 "gateway": "10.0.0.254"}]})");
  ASSERT_TRUE(config) << config.error().message();
  const net::Subnet& lan = config->subnets[0].subnet;
  EXPECT_EQ(lan.parent, "eth1");
  EXPECT_EQ(lan.gateway.Format(), "192.168.1.1");
  EXPECT_EQ(lan.ipv6Gateway.Format(), "fd00:1::1");
  EXPECT_EQ(lan.masquerade, net::Masquerade::kNever);
  EXPECT_EQ(lan.mtu, 1400);
  const net::Subnet& routed = config->subnets[1].subnet;
  EXPECT_FALSE(routed.IsOnLan());
  EXPECT_EQ(routed.gateway.Format(), "10.0.0.254");
  EXPECT_EQ(routed.masquerade, net::Masquerade::kOutsideHost);
}

TEST(ConfigTest, DriversAndGatewaysThatCannotBeAreNamed) {
  const auto failure = [](std::string_view fields) {
    return Failure(fmt::format(
        R"({{"subnets": [{{"subnetId": "a", "cidrBlock": "10.0.0.0/24", {}}}]}})", fields));
  };
  EXPECT_EQ(failure(R"("driver": "bridge")"),
            "subnets[0].driver: must be routed or lan, not \"bridge\"");
  EXPECT_EQ(
      failure(R"("driver": "macvlan", "parent": "eth0")"),
      "subnets[0].driver: macvlan is not possible, since the host can't guard such tasks: lan "
      "gives them addresses of the LAN, too\n"
      "subnets[0].parent: only subnets with the driver lan have one");
  EXPECT_EQ(failure(R"("driver": "lan")"), "subnets[0]: parent is required");
  EXPECT_EQ(failure(R"("parent": "eth0")"),
            "subnets[0].parent: only subnets with the driver lan have one");
  EXPECT_EQ(failure(R"("driver": "lan", "parent": "../eth0")"),
            "subnets[0].parent: must be an interface of the host such as eth0, not \"../eth0\"");
  EXPECT_EQ(failure(R"("driver": "lan", "parent": "eth0", "masquerade": true)"),
            "subnets[0].masquerade: can't be true on a LAN, whose machines know the tasks' "
            "addresses");
  EXPECT_EQ(failure(R"("gateway": "10.0.1.1")"),
            "subnets[0]: gateway: 10.0.1.1 is no host's address in 10.0.0.0/24");
  EXPECT_EQ(failure(R"("driver": "lan", "parent": "eth0", "gateway": "127.0.0.1")"),
            "subnets[0]: gateway: 127.0.0.1 is no address of a router");
  EXPECT_EQ(failure(R"("ipv6Gateway": "fd00::1")"),
            "subnets[0]: ipv6Gateway: fd00::1 is the gateway of a block that is not given");
}

TEST(ConfigTest, ReadsRulesOfBothFamiliesAndLists) {
  const auto config = Config::Parse(R"({
    "prefixLists": [{"PrefixListId": "pl-a", "AddressFamily": "IPv6",
                     "Entries": [{"Cidr": "2001:db8::1/32"}, {"Cidr": "fd00::/8"}]}],
    "securityGroups": [{"GroupId": "sg-web", "IpPermissions": [
      {"IpProtocol": "icmpv6", "FromPort": 128, "ToPort": 0,
       "PrefixListIds": [{"PrefixListId": "pl-a"}], "UserIdGroupPairs": [{"GroupId": "sg-web"}]},
      {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "100.68.0.18/18"}]}]}]})");
  ASSERT_TRUE(config) << config.error().message();
  const auto group = ToNetGroup(config->securityGroups.at(0), config->prefixLists);
  ASSERT_EQ(group->ingress.size(), 4U);
  EXPECT_EQ(std::get<net::Ipv6Cidr>(group->ingress[0].peer).Format(), "2001:db8::/32");
  EXPECT_EQ(group->ingress[0].icmp->type, 128);
  EXPECT_EQ(std::get<net::Ipv4Cidr>(group->ingress[3].peer).Format(), "100.68.0.0/18");
}

TEST(ConfigTest, UnknownNamesAreAnsweredWithTheKnown) {
  const auto config = Config::Parse("{}");
  EXPECT_EQ(config->FindSubnet("subnet-x").error().message(),
            "subnet subnet-x is not configured on this host; there are: subnet-default");
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
