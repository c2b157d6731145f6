#include "net/cni/result.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace berth::net::cni {
namespace {

using testing::HasSubstr;

const Made kMade = {.attachment = {.id = "cni-a",
                                   .subnet = *MakeSubnet("pods", *Ipv4Cidr::Parse("10.88.0.0/16")),
                                   .address = *Ipv4::Parse("10.88.0.5"),
                                   .mac = *MacAddress::Parse("02:00:00:00:00:05"),
                                   .interfaceName = "eth0"},
                    .netns = "/run/netns/a",
                    .mtu = 1500};

Json Shown(const char* version, const Json& document = Json::object(), Dns dns = {}) {
  NetworkConfig config = {.header = {.cniVersion = version, .name = "pods"}, .dns = dns};
  const auto text = FormatResult(config, document, kMade);
  EXPECT_TRUE(text) << text.error().msg;
  return text ? *ParseJson(*text) : Json();
}

TEST(ResultTest, HasTheShapeOfTheVersion) {
  EXPECT_EQ(Shown("1.1.0"), *ParseJson(fmt::format(R"({{
    "cniVersion": "1.1.0",
    "interfaces": [
      {{"name": "{}", "mac": "{}", "mtu": 1500}},
      {{"name": "eth0", "mac": "02:00:00:00:00:05", "sandbox": "/run/netns/a", "mtu": 1500}}],
    "ips": [{{"address": "10.88.0.5/32", "gateway": "10.88.0.1", "interface": 1}}],
    "routes": [{{"dst": "0.0.0.0/0", "gw": "10.88.0.1"}}],
    "dns": {{}}}})",
                                                   HostInterfaceName("cni-a"),
                                                   MacAddress::Derive("host cni-a").Format())));
  for (const char* version : {"0.3.0", "0.3.1", "0.4.0"}) {
    const Json result = Shown(version);
    EXPECT_EQ(result.at("cniVersion"), version);
    EXPECT_EQ(result.at("ips")[0].at("version"), "4");
    EXPECT_FALSE(result.at("interfaces")[0].contains("mtu"));
  }
  EXPECT_FALSE(Shown("1.0.0").at("ips")[0].contains("version"));
}

TEST(ResultTest, KeepsWhatEarlierPluginsOfAChainHaveMade) {
  const Json document = *ParseJson(R"({"prevResult": {
    "cniVersion": "1.0.0", "interfaces": [{"name": "lo"}], "ips": [{"address": "127.0.0.1/8"}],
    "dns": {"domain": "d"}, "other": 1}})");
  const Json result = Shown("1.0.0", document);
  EXPECT_EQ(result.at("interfaces").size(), 3u);
  EXPECT_EQ(result.at("ips")[1].at("interface"), 2);
  EXPECT_EQ(result.at("dns").at("domain"), "d");
  EXPECT_EQ(result.at("other"), 1);
}

TEST(ResultTest, HasAnAddressOfEachFamilyThatTheSubnetHas) {
  Made made = kMade;
  made.attachment.subnet.ipv6CidrBlock = *Ipv6Cidr::Parse("fd00:88::/64");
  made.attachment.subnet.ipv6Gateway = *Ipv6::Parse("fd00:88::1");
  made.attachment.ipv6Address = *Ipv6::Parse("fd00:88::5");
  const NetworkConfig config = {.header = {.cniVersion = "0.4.0", .name = "pods"}};
  const auto of = [&](const char* name) {
    return ParseJson(*FormatResult(config, Json::object(), made))->at(name);
  };
  EXPECT_EQ(of("ips")[1], *ParseJson(R"({"version": "6", "address": "fd00:88::5/128",
                                         "gateway": "fd00:88::1", "interface": 1})"));
  EXPECT_EQ(of("routes")[1], *ParseJson(R"({"dst": "::/0", "gw": "fd00:88::1"})"));
  made.attachment.subnet.cidrBlock.reset();
  EXPECT_EQ(of("ips").size(), 1u);
  EXPECT_EQ(of("routes").size(), 1u);
}

TEST(ResultTest, TellsTheNamesServers) {
  const Json result =
      Shown("1.0.0", Json::object(), {.nameservers = {"10.0.0.2"}, .search = {"s"}});
  EXPECT_EQ(result.at("dns"), *ParseJson(R"({"nameservers": ["10.0.0.2"], "search": ["s"]})"));
}

TEST(ResultTest, IsRecognisedWhenItComesBack) {
  Json document = {{"prevResult", Shown("1.0.0")}};
  EXPECT_TRUE(CheckPrevResult(document, kMade));
  document["prevResult"]["ips"][0]["address"] = "10.88.0.6/32";
  EXPECT_THAT(CheckPrevResult(document, kMade).error().msg, HasSubstr("10.88.0.5/32"));
  document["prevResult"]["interfaces"][1]["mac"] = "02:00:00:00:00:06";
  EXPECT_EQ(CheckPrevResult(document, kMade).error().code, Code::kNotAsAdded);
  EXPECT_EQ(CheckPrevResult(Json::object(), kMade).error().code, Code::kInvalidConfig);
}

TEST(ResultTest, RefusesAnEarlierResultThatIsNone) {
  const NetworkConfig config = {.header = {.cniVersion = "1.0.0", .name = "pods"}};
  const auto text = FormatResult(config, *ParseJson(R"({"prevResult": {"ips": {}}})"), kMade);
  EXPECT_EQ(text.error().code, Code::kInvalidConfig);
}

}  // namespace
}  // namespace berth::net::cni
