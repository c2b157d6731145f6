#include "scheduler/server/config.h"

#include <gmock/gmock.h>

#include "base/files.h"
#include "scheduler/server/test_place.h"

namespace berth::scheduler {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(SchedulerConfig, HasADefaultForEverything) {
  const auto config = SchedulerConfig::Load("/nonexistent/scheduler.json");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->listen_address, "127.0.0.1");
  EXPECT_EQ(config->listen_port, 8765);
  EXPECT_EQ(config->region, "us-east-1");
  ASSERT_THAT(config->subnets, SizeIs(1));
  EXPECT_EQ(config->subnets[0].id, "subnet-default");
  EXPECT_TRUE(config->CheckExposure());
}

TEST(SchedulerConfig, ReadsEveryField) {
  const auto config = SchedulerConfig::Parse(R"({
      "listen": "[::1]:99", "tls": {"certificateFile": "c", "keyFile": "k"},
      "allowPlainHttp": true, "advertise": "https://lab:1", "region": "eu-west-1",
      "account": "123456789012", "credentialsLifetime": 600,
      "subnets": [{"subnetId": "s", "cidrBlock": "10.0.0.0/24", "availabilityZone": "z",
                   "mtu": 1400, "masquerade": false, "dnsServers": ["10.0.0.2"]}],
      "prefixLists": [{"PrefixListId": "pl-1", "AddressFamily": "IPv4",
                       "Entries": [{"Cidr": "198.51.100.0/24"}]}],
      "securityGroups": [{"GroupId": "sg-1", "GroupName": "n", "IpPermissions": [
          {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-1"}]}]}]})");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->listen_address, "::1");
  EXPECT_EQ(config->listen_port, 99);
  EXPECT_EQ(config->tls->key_file, "k");
  EXPECT_EQ(config->credentialsLifetime.count(), 600);
  EXPECT_EQ(config->subnets.at(0).mtu, 1400);
  EXPECT_FALSE(config->subnets.at(0).masquerade);
  EXPECT_EQ(config->securityGroups.at(0).GroupId, "sg-1");
  EXPECT_EQ(config->securityGroups.at(0).IpPermissions.at(0).IpRanges.at(0).CidrIp,
            "198.51.100.0/24");
}

TEST(SchedulerConfig, SaysWhatIsWrongAndWhere) {
  struct Row {
    const char* json;
    const char* said;
  };
  constexpr Row kRows[] = {
      {"{", ""},
      {R"({"color": 1})", "color"},
      {R"({"listen": "8765"})", "listen"},
      {R"({"listen": "1.2.3.4:99999"})", "listen"},
      {R"({"account": "12"})", "account"},
      {R"({"region": "us east"})", "region"},
      {R"({"region": ""})", "region"},
      {R"({"advertise": "nonsense"})", "advertise"},
      {R"({"credentialsLifetime": 1})", "credentialsLifetime"},
      {R"({"tls": {"keyFile": "k"}})", "certificateFile"},
      {R"({"subnets": [{"subnetId": "s", "cidrBlock": "10.0.0.0/33"}]})", "subnets[0]: cidrBlock"},
      {R"({"subnets": [{"subnetId": "s", "cidrBlock": "10.0.0.0/24"},
                       {"subnetId": "t", "cidrBlock": "10.0.0.128/25"}]})",
       "subnets[1]: cidrBlock"},
      {R"({"subnets": [{"subnetId": "s", "cidrBlock": "10.0.0.0/24"},
                       {"subnetId": "s", "cidrBlock": "10.0.1.0/24"}]})",
       "given twice"},
      {R"({"subnets": [{"subnetId": "s", "cidrBlock": "10.0.0.0/24", "mtu": -1}]})",
       "subnets[0]: mtu"},
      {R"({"subnets": [{"subnetId": "s", "cidrBlock": "10.0.0.0/24", "dnsServers": ["x"]}]})",
       "subnets[0]: dnsServers"},
      {R"({"securityGroups": [{"GroupName": "n"}]})", "securityGroups"},
      {R"({"prefixLists": [{"PrefixListId": "pl-1"}]})", "prefixLists: [0].AddressFamily"},
  };
  for (const Row& row : kRows) {
    const auto config = SchedulerConfig::Parse(row.json);
    ASSERT_FALSE(config) << row.json;
    EXPECT_THAT(config.error().message(), HasSubstr(row.said)) << row.json;
  }
}

TEST(SchedulerConfig, SubnetsMayHaveIpv6AndBeOnALan) {
  const auto config = SchedulerConfig::Parse(R"({"subnets": [
    {"subnetId": "six", "ipv6CidrBlock": "fd00:21::/64", "availabilityZone": "lab-a"},
    {"subnetId": "office", "driver": "lan", "parent": "eth0", "cidrBlock": "192.168.1.128/26",
     "gateway": "192.168.1.1"}]})");
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->subnets[0].ipv6_cidr_block, "fd00:21::/64");
  EXPECT_EQ(config->subnets[0].availability_zone, "lab-a");
  EXPECT_TRUE(config->subnets[0].masquerade);
  EXPECT_EQ(config->subnets[1].parent, "eth0");
  EXPECT_EQ(config->subnets[1].gateway, "192.168.1.1");
  EXPECT_FALSE(config->subnets[1].masquerade) << "the LAN knows the tasks";
}

TEST(SchedulerConfig, NamesItsFile) {
  TestPlace directory;
  const std::string path = directory / "scheduler.json";
  ASSERT_TRUE(WriteFileAtomically(path, "{\"account\": \"1\"}", 0600));
  EXPECT_THAT(SchedulerConfig::Load(path).error().message(), HasSubstr(path));
}

TEST(SchedulerConfig, DoesNotServeInTheClearUntold) {
  const auto check = [](const char* json) { return SchedulerConfig::Parse(json)->CheckExposure(); };
  EXPECT_FALSE(check(R"({"listen": "0.0.0.0:1"})"));
  EXPECT_FALSE(check(R"({"listen": "10.0.0.1:1"})"));
  EXPECT_TRUE(check(R"({"listen": "0.0.0.0:1", "allowPlainHttp": true})"));
  EXPECT_TRUE(check(R"({"listen": "127.0.0.2:1"})"));
  EXPECT_TRUE(check(R"({"listen": "[::1]:1"})"));
}

}  // namespace
}  // namespace berth::scheduler
