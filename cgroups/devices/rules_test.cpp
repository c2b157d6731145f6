#include "cgroups/devices/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

TEST(DeviceRulesTest, ReadsAccessesInAnyOrder) {
  EXPECT_EQ(*ParseDeviceAccess("rwm"), kAnyDeviceAccess);
  EXPECT_EQ(*ParseDeviceAccess("mwr"), kAnyDeviceAccess);
  EXPECT_EQ(*ParseDeviceAccess("r"), kDeviceRead);
  EXPECT_EQ(*ParseDeviceAccess("wm"), kDeviceWrite | kDeviceMknod);
}

TEST(DeviceRulesTest, SaysWhatIsWrongWithAnAccess) {
  const auto message = [](std::string_view text) {
    const auto access = ParseDeviceAccess(text);
    return access ? "accepted" : access.error().message();
  };
  EXPECT_EQ(message(""), "device access is empty: give some of the letters rwm");
  EXPECT_EQ(message("rx"), "device access \"rx\": 'x' is none of the letters rwm");
  EXPECT_EQ(message("R"), "device access \"R\": 'R' is none of the letters rwm");
  EXPECT_EQ(message("rwr"), "device access \"rwr\": 'r' comes twice");
  EXPECT_EQ(message({"r\0w", 3}), "device access \"r?w\": '?' is none of the letters rwm");
  EXPECT_EQ(message(std::string(1000, '\x1b')),
            "device access \"" + std::string(32, '?') + "...\": '?' is none of the letters rwm");
}

TEST(DeviceRulesTest, ReadsTypes) {
  EXPECT_EQ(*ParseDeviceType(""), DeviceType::kAll);
  EXPECT_EQ(*ParseDeviceType("a"), DeviceType::kAll);
  EXPECT_EQ(*ParseDeviceType("b"), DeviceType::kBlock);
  EXPECT_EQ(*ParseDeviceType("c"), DeviceType::kChar);
  EXPECT_EQ(*ParseDeviceType("u"), DeviceType::kChar);
  EXPECT_EQ(ParseDeviceType("p").error().message(), "device type \"p\" is none of a, b, c, u");
  EXPECT_FALSE(ParseDeviceType("cb"));
}

TEST(DeviceRulesTest, ReadsNumbers) {
  EXPECT_EQ(*ParseDeviceNumber(std::nullopt), std::nullopt);
  EXPECT_EQ(*ParseDeviceNumber(-1), std::nullopt);
  EXPECT_EQ(**ParseDeviceNumber(0), 0U);
  EXPECT_EQ(**ParseDeviceNumber(4'294'967'295), 4'294'967'295U);
  EXPECT_EQ(ParseDeviceNumber(4'294'967'296).error().message(),
            "device number 4294967296 is not between 0 and 2^32 - 1");
  EXPECT_FALSE(ParseDeviceNumber(-2));
}

TEST(DeviceRulesTest, DescribesARule) {
  EXPECT_EQ(Describe({}), "deny a *:* rwm");
  EXPECT_EQ(Describe({.allow = true,
                      .type = DeviceType::kBlock,
                      .major = 7,
                      .access = kDeviceMknod | kDeviceRead}),
            "allow b 7:* rm");
}

TEST(DeviceRulesTest, ContainersHaveTheDefaultDevices) {
  std::vector<std::string> texts;
  for (const DeviceRule& rule : DefaultDeviceRules()) texts.push_back(Describe(rule));
  EXPECT_THAT(
      texts, ElementsAre("allow c *:* m", "allow b *:* m", "allow c 1:3 rwm", "allow c 1:5 rwm",
                         "allow c 1:7 rwm", "allow c 1:8 rwm", "allow c 1:9 rwm", "allow c 5:0 rwm",
                         "allow c 5:1 rwm", "allow c 5:2 rwm", "allow c 136:* rwm"));
}

}  // namespace
}  // namespace berth::cgroups
