#include "net/cni/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "net/cni/config_groups.h"

namespace berth::net::cni {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The smallest network, changed by a merge patch (RFC 7386).
Json Network(std::string_view patch = "{}") {
  Json json = *ParseJson(R"({"cniVersion": "1.0.0", "name": "pods", "type": "berth-cni",
                             "subnets": [{"cidrBlock": "10.88.0.0/16"}]})");
  json.merge_patch(*ParseJson(patch));
  return json;
}

NetworkConfig Read(std::string_view patch = "{}", const std::string& args = "") {
  auto config = ReadConfig(Network(patch), args);
  EXPECT_TRUE(config) << config.error().msg;
  return config ? *std::move(config) : NetworkConfig{};
}

std::string Refused(Code code, std::string_view patch, const std::string& args = "") {
  const auto config = ReadConfig(Network(patch), args);
  EXPECT_FALSE(config) << patch;
  if (config) return "";
  EXPECT_EQ(static_cast<int>(config.error().code), static_cast<int>(code)) << config.error().msg;
  return config.error().msg;
}

TEST(ConfigTest, ASubnetIsEnough) {
  const NetworkConfig config = Read();
  ASSERT_EQ(config.subnets.size(), 1u);
  EXPECT_EQ(config.subnets[0].cidrBlock->Format(), "10.88.0.0/16");
  EXPECT_EQ(config.subnets[0].gateway.Format(), "10.88.0.1");
  EXPECT_EQ(config.subnets[0].mtu, 0);
  EXPECT_EQ(config.subnets[0].masquerade, Masquerade::kOutsideHost);
  EXPECT_THAT(config.routes, ElementsAre(IpBlock(Ipv4Cidr()), IpBlock(Ipv6Cidr())));
  EXPECT_TRUE(config.securityGroups.empty());
}

TEST(ConfigTest, ReadsAllThatANetworkCanHave) {
  const NetworkConfig config = Read(R"({
    "subnets": [{"cidrBlock": "10.88.0.0/24", "gateway": "10.88.0.254"},
                {"cidrBlock": "10.89.0.0/24"}],
    "mtu": 1400, "ipMasq": false, "routes": [{"dst": "10.0.0.0/8"}],
    "dns": {"nameservers": ["10.0.0.2"], "domain": "d", "search": ["s"], "options": ["ndots:2"]},
    "args": {"labels": {"a": "b"}}, "capabilities": {"ips": true}})");
  ASSERT_EQ(config.subnets.size(), 2u);
  EXPECT_EQ(config.subnets[0].gateway.Format(), "10.88.0.254");
  EXPECT_EQ(config.subnets[1].mtu, 1400);
  EXPECT_EQ(config.subnets[1].masquerade, Masquerade::kNever);
  EXPECT_EQ(config.routes[0].Format(), "10.0.0.0/8");
  EXPECT_THAT(config.dns.nameservers, ElementsAre("10.0.0.2"));
  EXPECT_EQ(config.dns.domain, "d");
}

TEST(ConfigTest, ReadsSubnetsOfEitherFamily) {
  const NetworkConfig config = Read(R"({"subnets": [
    {"cidrBlock": "10.88.0.0/24", "ipv6CidrBlock": "fd00:88::/64", "ipv6Gateway": "fd00:88::fe"},
    {"ipv6CidrBlock": "fd00:89::/64"}], "routes": [{"dst": "fd00::/8"}]})");
  ASSERT_EQ(config.subnets.size(), 2u);
  EXPECT_EQ(config.subnets[0].FormatBlocks(), "10.88.0.0/24 and fd00:88::/64");
  EXPECT_EQ(config.subnets[0].ipv6Gateway.Format(), "fd00:88::fe");
  EXPECT_EQ(config.subnets[1].ipv6Gateway.Format(), "fd00:89::1");
  EXPECT_EQ(config.routes[0].Format(), "fd00::/8");
}

TEST(ConfigTest, RulesMayReferToPrefixLists) {
  const char* groups = R"("securityGroups": [{"GroupId": "sg-a", "IpPermissions": [
    {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-office"}]}]}])";
  const NetworkConfig config = Read(fmt::format(R"({{{}, "prefixLists": [{{
    "PrefixListId": "pl-office", "AddressFamily": "IPv4", "Entries": [{{"Cidr": "192.0.2.0/24"}}]
    }}]}})",
                                                groups));
  ASSERT_EQ(config.securityGroups[0].ingress.size(), 1u);
  EXPECT_EQ(std::get<Ipv4Cidr>(config.securityGroups[0].ingress[0].peer).Format(), "192.0.2.0/24");
  EXPECT_THAT(Refused(Code::kInvalidConfig, fmt::format("{{{}}}", groups)), HasSubstr("pl-office"));
}

TEST(ConfigTest, ReadsGroupsAsEc2WritesThem) {
  const NetworkConfig config = Read(R"({"securityGroups": [{
    "GroupId": "sg-web",
    "IpPermissions": [
      {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
      {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-db"}]}],
    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}]})");
  ASSERT_EQ(config.securityGroups.size(), 1u);
  const SecurityGroup& group = config.securityGroups[0];
  EXPECT_EQ(group.id, "cni-sg-web");
  ASSERT_EQ(group.ingress.size(), 2u);
  EXPECT_EQ(std::get<GroupReference>(group.ingress[1].peer).groupId, "cni-sg-db");
  EXPECT_EQ(group.egress.size(), 1u);
}

TEST(ConfigTest, DigestsTellDefinitionsApart) {
  SecurityGroup one = DefaultGroup();
  SecurityGroup other = one;
  EXPECT_EQ(Digest(one), Digest(other));
  other.ingress.clear();
  EXPECT_NE(Digest(one), Digest(other));
  other = one;
  other.egress[0].protocol = 6;
  EXPECT_NE(Digest(one), Digest(other));
}

TEST(ConfigTest, RefusesWhatItDoesNotKnowByKeyAndValue) {
  EXPECT_THAT(Refused(Code::kUnsupportedField, R"({"bridge": "cni0"})"),
              HasSubstr("bridge: \"cni0\""));
  EXPECT_THAT(Refused(Code::kUnsupportedField, R"({"ipam": {"type": "host-local"}})"),
              HasSubstr("ipam: {\"type\":\"host-local\"}"));
  EXPECT_THAT(
      Refused(Code::kUnsupportedField, R"({"runtimeConfig": {"bandwidth": {"ingressRate": 1}}})"),
      HasSubstr("runtimeConfig.bandwidth: {\"ingressRate\":1}"));
  Read(R"({"ipam": {}, "runtimeConfig": {"bandwidth": {}}})");
}

TEST(ConfigTest, NamesThePlaceOfEachFault) {
  for (const auto& [patch, place] : std::vector<std::pair<const char*, const char*>>{
           {R"({"subnets": null})", "subnets is required"},
           {R"({"subnets": []})", "subnets: must have"},
           {R"({"subnets": [{}]})", "subnets[0]: "},
           {R"({"subnets": [{"ipv6CidrBlock": "10.0.0.0/16"}]})", "subnets[0]: ipv6CidrBlock"},
           {R"({"subnets": [{"cidrBlock": "10.0.0.0/16", "ipv6Gateway": "fd00::1"}]})",
            "subnets[0]: ipv6Gateway"},
           {R"({"subnets": [{"cidrBlock": "10.0.0.1/16"}]})", "subnets[0]: cidrBlock"},
           {R"({"subnets": [{"cidrBlock": "127.0.0.0/16"}]})", "subnets[0]: "},
           {R"({"subnets": [{"cidrBlock": "10.0.0.0/16", "x": 1}]})", "subnets[0]: unknown"},
           {R"({"subnets": [{"cidrBlock": "10.0.0.0/16", "gateway": "10.1.0.1"}]})",
            "subnets[0]: gateway"},
           {R"({"subnets": [{"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.0.1.0/24"}]})",
            "subnets[1]: 10.0.1.0/24 overlaps"},
           {R"({"mtu": 70000})", "mtu"},
           {R"({"mtu": 10})", "mtu: must be 0 or at least 68"},
           {R"({"ipMasq": 1})", "ipMasq: must be true or false"},
           {R"({"routes": [{"dst": "x"}]})", "routes[0].dst"},
           {R"({"dns": {"servers": []}})", "dns: unknown field"},
           {R"({"securityGroups": {}})", "securityGroups: must be a list"},
           {R"({"securityGroups": [{"GroupId": "a_b"}]})", "securityGroups"},
       }) {
    EXPECT_THAT(Refused(Code::kInvalidConfig, patch), HasSubstr(place));
  }
}

TEST(ConfigTest, RefusesOtherVersionsAndNames) {
  EXPECT_THAT(Refused(Code::kIncompatibleVersion, R"({"cniVersion": "0.2.0"})"),
              HasSubstr("0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0"));
  Refused(Code::kIncompatibleVersion, R"({"cniVersion": null})");
  Refused(Code::kInvalidConfig, R"({"name": "a/b"})");
  Refused(Code::kInvalidConfig, R"({"name": null})");
}

TEST(ConfigTest, CapabilitiesPrevailOverArgsOverTheEnvironment) {
  const char* args = R"("args": {"cni": {"ips": ["10.88.0.11"]}})";
  const std::string both =
      fmt::format(R"({{"runtimeConfig": {{"ips": ["10.88.0.10/16"]}}, {}}})", args);
  EXPECT_EQ(Read(both, "IP=10.88.0.12").addresses.at(0).Format(), "10.88.0.10");
  EXPECT_EQ(Read(fmt::format("{{{}}}", args), "IP=10.88.0.12").addresses.at(0).Format(),
            "10.88.0.11");
  EXPECT_EQ(Read("{}", "IP=10.88.0.12;MAC=02:00:00:00:00:01").addresses.at(0).Format(),
            "10.88.0.12");
  EXPECT_EQ(Read("{}", "MAC=02:00:00:00:00:01").mac->Format(), "02:00:00:00:00:01");
  EXPECT_EQ(Read(R"({"runtimeConfig": {"mac": "02:00:00:00:00:02"}})", "MAC=02:00:00:00:00:01")
                .mac->Format(),
            "02:00:00:00:00:02");
}

TEST(ConfigTest, RefusesAddressesThatNoContainerCanHave) {
  for (const char* ip : {"10.88.0.1", "10.88.0.0", "10.88.255.255", "10.89.0.5", "fd00::1", "x"}) {
    const std::string patch = fmt::format(R"({{"runtimeConfig": {{"ips": ["{}"]}}}})", ip);
    EXPECT_THAT(Refused(Code::kInvalidConfig, patch), HasSubstr("runtimeConfig.ips")) << ip;
  }
  Refused(Code::kInvalidConfig, R"({"runtimeConfig": {"ips": ["10.88.0.5", "10.88.0.6"]}})");
  const char* both = R"({"subnets": [{"cidrBlock": "10.88.0.0/24"}, {"ipv6CidrBlock": "fd00::/64"}],
                         "runtimeConfig": {"ips": ["10.88.0.5", "fd00::5"]}})";
  EXPECT_THAT(Refused(Code::kInvalidConfig, both), HasSubstr("10.88.0.5 and fd00::5"));
  Refused(Code::kInvalidConfig, R"({"runtimeConfig": {"mac": "01:00:00:00:00:01"}})");
}

TEST(ConfigTest, ReadsTheVariablesOfKubernetesAndRefusesUnknownOnes) {
  Read("{}", "K8S_POD_NAME=web;K8S_POD_NAMESPACE=default");
  Read("{}", "IgnoreUnknown=1;COLOUR=red");
  EXPECT_THAT(Refused(Code::kInvalidEnvironment, "{}", "COLOUR=red"), HasSubstr("COLOUR"));
  EXPECT_THAT(Refused(Code::kInvalidEnvironment, "{}", "IP"), HasSubstr("KEY=VALUE"));
}

TEST(ConfigTest, ReadsPortMappings) {
  const NetworkConfig config = Read(R"({"runtimeConfig": {"portMappings": [
    {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"},
    {"hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "0.0.0.0"},
    {"hostPort": 0, "containerPort": 81},
    {"hostPort": 53, "containerPort": 53, "protocol": "udp", "hostIP": "192.0.2.1"},
    {"hostPort": 53, "containerPort": 53, "protocol": "udp", "hostIP": "2001:db8::1"},
    {"hostPort": 99, "containerPort": 99, "protocol": "SCTP", "hostIP": "::"}]}})");
  ASSERT_EQ(config.ports.size(), 5u);
  EXPECT_EQ(config.ports[0].hostPort, 8080);
  EXPECT_EQ(config.ports[0].containerPort, 80);
  EXPECT_EQ(config.ports[1].protocol, Protocol::kUdp);
  EXPECT_FALSE(config.ports[1].hostAddress);
  EXPECT_EQ(FormatHostPort(config.ports[2]), "192.0.2.1:53/udp");
  EXPECT_EQ(FormatHostPort(config.ports[3]), "[2001:db8::1]:53/udp");
  EXPECT_EQ(FormatHostPort(config.ports[4]), "99/sctp");
}

TEST(ConfigTest, ReadsWhatContainerdWritesWithCapitals) {
  const NetworkConfig config = Read(R"({"runtimeConfig": {
    "portMappings": [{"HostPort": 8080, "ContainerPort": 80, "Protocol": "udp", "HostIP": ""}],
    "dns": {"Servers": ["10.0.0.2"], "Searches": ["s"], "Options": null}}})");
  ASSERT_EQ(config.ports.size(), 1u);
  EXPECT_EQ(config.ports[0].containerPort, 80);
  EXPECT_EQ(config.ports[0].protocol, Protocol::kUdp);
  EXPECT_THAT(config.dns.nameservers, ElementsAre("10.0.0.2"));
}

TEST(ConfigTest, RefusesPortMappingsItCanNotMake) {
  for (const auto& [mapping, fault] : std::vector<std::pair<const char*, const char*>>{
           {R"({"hostPort": 1, "containerPort": 1, "hostIP": "here"})", "hostIP"},
           {R"({"hostPort": 1, "containerPort": 1, "protocol": "dccp"})", "protocol"},
           {R"({"hostPort": 1})", "containerPort"},
           {R"({"hostPort": 65536, "containerPort": 1})", "hostPort"},
           {R"({"hostPort": 7, "containerPort": 1}, {"hostPort": 7, "containerPort": 2})", "twice"},
       }) {
    const std::string patch =
        fmt::format(R"({{"runtimeConfig": {{"portMappings": [{}]}}}})", mapping);
    EXPECT_THAT(Refused(Code::kInvalidConfig, patch), HasSubstr(fault)) << mapping;
  }
}

TEST(ConfigTest, ReadsTheAttachmentsThatAreToStay) {
  const auto valid = ReadValidAttachments(
      Network(R"({"cni.dev/valid-attachments": [{"containerID": "a", "ifname": "eth0"}]})"));
  ASSERT_TRUE(valid);
  EXPECT_THAT(*valid, ElementsAre(ValidAttachment{"a", "eth0"}));
  EXPECT_TRUE(ReadValidAttachments(Network(R"({"cni.dev/valid-attachments": []})"))->empty());
  EXPECT_FALSE(ReadValidAttachments(Network()));
  EXPECT_FALSE(
      ReadValidAttachments(Network(R"({"cni.dev/valid-attachments": [{"ifname": "a"}]})")));
}

}  // namespace
}  // namespace berth::net::cni
