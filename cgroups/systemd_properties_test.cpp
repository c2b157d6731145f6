#include "cgroups/systemd_properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "base/text.h"
#include "cgroups/limits.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

constexpr int kDebian12 = 252;

std::string ValueText(const systemd::PropertyValue& value) {
  if (const auto* number = std::get_if<uint64_t>(&value)) return LimitText(*number);
  std::vector<std::string> parts;
  if (const auto* mask = std::get_if<std::vector<uint8_t>>(&value)) {
    for (const uint8_t byte : *mask) parts.push_back(fmt::format("{:02x}", byte));
    return "mask " + Join(parts, " ");
  }
  for (const auto& device : std::get<std::vector<systemd::DeviceValue>>(value)) {
    parts.push_back(fmt::format("{} {}", device.path, LimitText(device.value)));
  }
  return Join(parts, ", ");
}

std::vector<std::string> Texts(const std::vector<systemd::UnitProperty>& properties) {
  std::vector<std::string> texts;
  for (const auto& property : properties) {
    texts.push_back(property.name + "=" + ValueText(property.value));
  }
  return texts;
}

std::vector<std::string> Translated(const Limits& limits, int version = kDebian12) {
  return Texts(SystemdProperties(AllSettings(limits), version));
}

TEST(SystemdPropertiesTest, AreTheLimitsThatSystemdKnows) {
  EXPECT_THAT(Translated({.cpu = {.weight = 200, .max = CpuMax{.quota = 50'000}},
                          .memory = {.max = 4096,
                                     .high = 2048,
                                     .low = 0,
                                     .min = 7,
                                     .swap_max = kUnlimited,
                                     .oom_group = true},
                          .pids = {.max = 100},
                          .cpuset = {.cpus = "0-2,9", .mems = "0"},
                          .hugetlb = {{.page_size = "2MB", .max = 0}}}),
              ElementsAre("AllowedMemoryNodes=mask 01", "AllowedCPUs=mask 07 02", "CPUWeight=200",
                          "CPUQuotaPerSecUSec=500000", "CPUQuotaPeriodUSec=100000",
                          "MemoryMax=4096", "MemoryHigh=2048", "MemoryLow=0", "MemoryMin=7",
                          "MemorySwapMax=max", "TasksMax=100"));
}

TEST(SystemdPropertiesTest, OlderVersionsKnowFewer) {
  const Limits limits = {.cpu = {.max = CpuMax{.quota = 10'000, .period = 50'000}, .idle = true},
                         .memory = {.min = 7},
                         .cpuset = {.cpus = "0"},
                         .unified = {{"memory.zswap.max", "1"}}};
  EXPECT_THAT(Translated(limits, 239), ElementsAre("CPUQuotaPerSecUSec=200000"));
  EXPECT_THAT(Translated(limits, 251),
              ElementsAre("AllowedCPUs=mask 01", "CPUQuotaPerSecUSec=200000",
                          "CPUQuotaPeriodUSec=50000", "MemoryMin=7"));
  EXPECT_THAT(Translated(limits, 253),
              ElementsAre("AllowedCPUs=mask 01", "CPUWeight=0", "CPUQuotaPerSecUSec=200000",
                          "CPUQuotaPeriodUSec=50000", "MemoryMin=7", "MemoryZSwapMax=1"));
}

TEST(SystemdPropertiesTest, QuotasAreRoundedUpToPercents) {
  const auto quota = [](uint64_t quota, uint64_t period) {
    return Translated({.cpu = {.max = CpuMax{.quota = quota, .period = period}}}).front();
  };
  EXPECT_EQ(quota(100'000, 100'000), "CPUQuotaPerSecUSec=1000000");
  EXPECT_EQ(quota(25'001, 100'000), "CPUQuotaPerSecUSec=260000");
  EXPECT_EQ(quota(1'000, 1'000'000), "CPUQuotaPerSecUSec=10000");
  EXPECT_EQ(quota(kUnlimited, 100'000), "CPUQuotaPerSecUSec=max");
  // The kernel refuses these two.
  EXPECT_EQ(quota(0, 100'000), "CPUQuotaPeriodUSec=100000");
  EXPECT_EQ(quota(kUnlimited - 1, 100'000), "CPUQuotaPeriodUSec=100000");
}

TEST(SystemdPropertiesTest, UnifiedHasTheLastWord) {
  EXPECT_THAT(Translated({.cpu = {.weight = 200, .max = CpuMax{.quota = 50'000}},
                          .memory = {.max = 4096},
                          .unified = {{"memory.max", "max"},
                                      {"cpu.max", "20000"},
                                      {"cpu.weight", "300\n"},
                                      {"cpuset.cpus", "1"},
                                      {"misc.max", "sev 1"}}}),
              ElementsAre("CPUWeight=300", "CPUQuotaPerSecUSec=200000", "CPUQuotaPeriodUSec=100000",
                          "MemoryMax=max", "AllowedCPUs=mask 02"));
}

TEST(SystemdPropertiesTest, IdleIsTheWeightZero) {
  EXPECT_THAT(Translated({.cpu = {.weight = 5, .idle = true}}), ElementsAre("CPUWeight=0"));
  EXPECT_THAT(Translated({.cpu = {.weight = 5, .idle = false}}), ElementsAre("CPUWeight=5"));
  EXPECT_THAT(Translated({.cpu = {.idle = false}}), ElementsAre("CPUWeight=max"));
}

TEST(SystemdPropertiesTest, DevicesAreNamedByTheirNumbers) {
  const BlockDevice sda = {.major = 8, .minor = 0};
  const BlockDevice sdb = {.major = 8, .minor = 16};
  EXPECT_THAT(Translated({.io = {.weight = 50,
                                 .device_weights = {{.device = sda, .weight = 70}},
                                 .max = {{.device = sda, .rbps = 1000, .wiops = kUnlimited},
                                         {.device = sdb, .rbps = 2000}},
                                 .latency = {{.device = sdb, .target_usec = 75}}},
                          .unified = {{"io.max", "8:0 rbps=3000"}}}),
              ElementsAre("IOWeight=50", "IODeviceWeight=/dev/block/8:0 70",
                          "IOReadBandwidthMax=/dev/block/8:16 2000, /dev/block/8:0 3000",
                          "IOWriteIOPSMax=/dev/block/8:0 max",
                          "IODeviceLatencyTargetUSec=/dev/block/8:16 75"));
}

TEST(SystemdPropertiesTest, WhatSystemdWouldRefuseIsLeftToTheKernel) {
  EXPECT_THAT(Translated({.cpu = {.weight = 0},
                          .memory = {.max = 0},
                          .pids = {.max = 0},
                          .cpuset = {.cpus = "3-1", .mems = "all"},
                          .unified = {{"memory.high", "1G"},
                                      {"cpu.max", "a b c"},
                                      {"cpu.idle", "2"},
                                      {"cpuset.cpus", "0-4000000000"},
                                      {"io.weight", "8:0 20000"},
                                      {"io.max", "8:0 rbps"}}}),
              ElementsAre());
}

}  // namespace
}  // namespace berth::cgroups
