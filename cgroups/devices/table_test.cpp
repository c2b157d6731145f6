#include "cgroups/devices/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

using enum DeviceType;
constexpr DeviceEntry kNothingElse = {.allowed = 0};

std::vector<DeviceEntry> Table(std::vector<DeviceRule> rules) { return MakeDeviceTable(rules); }

TEST(DeviceTableTest, WithoutRulesNothingIsAllowed) {
  EXPECT_THAT(Table({}), ElementsAre(kNothingElse));
}

TEST(DeviceTableTest, ALaterRuleOverridesAnEarlierOne) {
  EXPECT_THAT(Table({{.allow = true, .type = kChar, .major = 1, .minor = 3},
                     {.allow = false, .type = kChar, .major = 1, .minor = 3}}),
              ElementsAre(kNothingElse));
  EXPECT_THAT(Table({{.allow = true, .type = kChar, .major = 1, .minor = 3}, {.allow = false}}),
              ElementsAre(kNothingElse));
}

TEST(DeviceTableTest, AccessesAreOverriddenOneByOne) {
  EXPECT_THAT(
      Table({{.allow = true, .type = kChar, .major = 1, .minor = 3},
             {.allow = false, .type = kChar, .major = 1, .minor = 3, .access = kDeviceWrite}}),
      ElementsAre(
          DeviceEntry{.type = kChar, .major = 1, .minor = 3, .allowed = kDeviceRead | kDeviceMknod},
          kNothingElse));
}

TEST(DeviceTableTest, RulesAboutTheSameDevicesBecomeOneEntry) {
  EXPECT_THAT(
      Table({{.allow = true, .type = kBlock, .major = 7, .access = kDeviceRead},
             {.allow = true, .type = kBlock, .major = 7, .access = kDeviceWrite}}),
      ElementsAre(DeviceEntry{.type = kBlock, .major = 7, .allowed = kDeviceRead | kDeviceWrite},
                  kNothingElse));
}

TEST(DeviceTableTest, AHoleCanBePunchedIntoAWildcard) {
  EXPECT_THAT(Table({{.allow = true, .type = kChar, .major = 1},
                     {.allow = false, .type = kChar, .major = 1, .minor = 1}}),
              ElementsAre(DeviceEntry{.type = kChar, .major = 1, .minor = 1, .allowed = 0},
                          DeviceEntry{.type = kChar, .major = 1, .allowed = kAnyDeviceAccess},
                          kNothingElse));
}

TEST(DeviceTableTest, RulesThatChangeNothingMakeNoEntry) {
  EXPECT_THAT(Table({{.allow = true}, {.allow = true, .type = kChar, .major = 1, .minor = 3}}),
              ElementsAre(DeviceEntry{.allowed = kAnyDeviceAccess}));
  EXPECT_THAT(Table({{.allow = false, .type = kBlock, .minor = 4}}), ElementsAre(kNothingElse));
}

TEST(DeviceTableTest, WhereHalfOpenRulesMeetTheLaterDecides) {
  const DeviceRule major = {.allow = true, .type = kChar, .major = 9};
  const DeviceRule minor = {.allow = false, .type = kChar, .minor = 2};
  const DeviceEntry all = {.type = kChar, .major = 9, .allowed = kAnyDeviceAccess};
  EXPECT_THAT(Table({minor, major}), ElementsAre(all, kNothingElse));
  EXPECT_THAT(Table({major, minor}),
              ElementsAre(DeviceEntry{.type = kChar, .major = 9, .minor = 2, .allowed = 0}, all,
                          kNothingElse));
}

TEST(DeviceTableTest, TheTypesAreApart) {
  EXPECT_THAT(Table({{.allow = true, .type = kBlock}}),
              ElementsAre(DeviceEntry{.type = kChar, .allowed = 0},
                          DeviceEntry{.type = kBlock, .allowed = kAnyDeviceAccess}, kNothingElse));
}

TEST(DeviceTableTest, TheDefaultDevicesMakeAShortTable) {
  const auto table = MakeDeviceTable(DefaultDeviceRules());
  EXPECT_EQ(table.size(), 10U);
  EXPECT_EQ(table.back(), DeviceEntry{.allowed = kDeviceMknod});
}

}  // namespace
}  // namespace berth::cgroups
