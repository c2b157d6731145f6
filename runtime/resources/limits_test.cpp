#include "runtime/resources/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/spec/resources_parse.h"

namespace berth::runtime {
namespace {

using testing::Contains;
using testing::ElementsAre;

// What would be written, as "file=value".
std::vector<std::string> Written(const std::string& json) {
  const auto resources = ParseResources(json);
  EXPECT_TRUE(resources) << resources.error().message();
  const auto limits = LimitsOf(*resources);
  EXPECT_TRUE(limits) << limits.error().message();
  std::vector<std::string> written;
  for (const cgroups::Setting& setting : cgroups::AllSettings(*limits)) {
    written.push_back(setting.file + "=" + setting.value);
  }
  return written;
}

TEST(LimitsOfResources, ConvertMemory) {
  EXPECT_THAT(
      Written(R"({"memory": {"limit": 1000, "reservation": 500, "swap": 3000}})"),
      testing::UnorderedElementsAre("memory.max=1000", "memory.low=500", "memory.swap.max=2000"));
  EXPECT_THAT(Written(R"({"memory": {"limit": -1, "swap": -1}})"),
              testing::UnorderedElementsAre("memory.max=max", "memory.swap.max=max"));
  EXPECT_THAT(Written(R"({"memory": {"limit": 0, "kernel": 5, "useHierarchy": true}})"),
              ElementsAre());
}

TEST(LimitsOfResources, RefuseSwapBelowMemory) {
  const auto limits = LimitsOf(*ParseResources(R"({"memory": {"limit": 1000, "swap": 999}})"));
  ASSERT_FALSE(limits);
  EXPECT_THAT(limits.error().message(), testing::StartsWith("linux.resources.memory.swap: swap"));
}

TEST(LimitsOfResources, ConvertCpu) {
  EXPECT_THAT(
      Written(R"({"cpu": {"shares": 1024, "quota": 50000, "period": 200000,
                                  "burst": 1000, "cpus": "0-1", "mems": "0"}})"),
      testing::UnorderedElementsAre("cpu.weight=100", "cpu.max.burst=0", "cpu.max=50000 200000",
                                    "cpu.max.burst=1000", "cpuset.cpus=0-1", "cpuset.mems=0"));
  EXPECT_THAT(Written(R"({"cpu": {"quota": -1}})"), ElementsAre("cpu.max=max 100000"));
  EXPECT_THAT(Written(R"({"cpu": {"idle": 1, "shares": 500}})"), ElementsAre("cpu.idle=1"));
  EXPECT_THAT(Written(R"({"cpu": {"shares": 0, "quota": 0, "period": 0}})"), ElementsAre());
}

TEST(LimitsOfResources, ConvertTheRest) {
  EXPECT_THAT(Written(R"({"pids": {"limit": 7}})"), ElementsAre("pids.max=7"));
  EXPECT_THAT(Written(R"({"pids": {"limit": -1}})"), ElementsAre("pids.max=max"));
  EXPECT_THAT(Written(R"({"unified": {"memory.high": "5"}})"), ElementsAre("memory.high=5"));
  const auto io = Written(R"({"blockIO": {
      "throttleReadBpsDevice": [{"major": 8, "minor": 0, "rate": 600}],
      "throttleWriteIOPSDevice": [{"major": 8, "minor": 0, "rate": 3}]}})");
  EXPECT_THAT(io, ElementsAre("io.max=8:0 rbps=600 wiops=3"));
}

TEST(DeviceRulesOfResources, EndWithTheDefaults) {
  const auto resources = ParseResources(R"({"devices": [
      {"allow": false, "access": "rwm"},
      {"allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw"},
      {"allow": true, "type": "p"}]})");
  ASSERT_TRUE(resources);
  const auto rules = DeviceRulesOf(*resources);
  const auto defaults = cgroups::DefaultDeviceRules();
  ASSERT_EQ(rules.size(), 2 + defaults.size());
  EXPECT_EQ(cgroups::Describe(rules[0]), "deny a *:* rwm");
  EXPECT_EQ(cgroups::Describe(rules[1]), "allow c 10:229 rw");
  EXPECT_EQ(rules[2], defaults[0]);
}

TEST(DeviceRulesOfResources, TakeARuleAboutAllAsOneAboutEverything) {
  const auto resources =
      ParseResources(R"({"devices": [{"allow": true, "type": "a", "major": 1, "access": "r"}]})");
  ASSERT_TRUE(resources);
  EXPECT_EQ(cgroups::Describe(DeviceRulesOf(*resources)[0]), "allow a *:* rwm");
}

}  // namespace
}  // namespace berth::runtime
