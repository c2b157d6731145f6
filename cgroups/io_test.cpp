#include "cgroups/io.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/setting_text.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

TEST(IoTest, WritesADeviceALine) {
  const IoLimits limits = {.weight = 200,
                           .device_weights = {{.device = {8, 0}, .weight = 50}},
                           .max = {{.device = {8, 16}, .rbps = 1000, .wiops = kUnlimited}},
                           .latency = {{.device = {8, 0}, .target_usec = 75}}};
  EXPECT_THAT(Texts(IoSettings(limits)),
              ElementsAre("io.weight=default 200", "io.weight=8:0 50",
                          "io.max=8:16 rbps=1000 wiops=max", "io.latency=8:0 target=75"));
}

TEST(IoTest, BlkioWeightsAreSpreadOverTheRange) {
  EXPECT_EQ(WeightFromBlkio(10), 1U);
  EXPECT_EQ(WeightFromBlkio(1000), 10'000U);
  EXPECT_EQ(WeightFromBlkio(500), 4950U);
  EXPECT_EQ(WeightFromBlkio(0), 1U);
}

TEST(IoTest, ReadsADeviceALine) {
  const auto devices = ParseIoStat(
      "8:16 rbytes=1459200 wbytes=314773504 rios=192 wios=353 dbytes=7 dios=9 cost.usage=1\n"
      "254:0 rbytes=5\n7:0\n");
  ASSERT_EQ(devices.size(), 3U);
  EXPECT_EQ(devices[0].device, (BlockDevice{8, 16}));
  EXPECT_EQ(devices[0].rbytes, 1'459'200U);
  EXPECT_EQ(devices[0].wbytes, 314'773'504U);
  EXPECT_EQ(devices[0].rios, 192U);
  EXPECT_EQ(devices[0].wios, 353U);
  EXPECT_EQ(devices[0].dbytes, 7U);
  EXPECT_EQ(devices[0].dios, 9U);
  EXPECT_EQ(devices[1].rbytes, 5U);
  EXPECT_EQ(devices[2].device, (BlockDevice{7, 0}));
}

}  // namespace
}  // namespace berth::cgroups
