#include "cgroups/cpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/setting_text.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

TEST(CpuTest, ABurstIsTakenAwayWhileTheQuotaChanges) {
  EXPECT_THAT(Texts(CpuSettings({.max = CpuMax{.quota = 50'000}, .burst = 10'000})),
              ElementsAre("cpu.max.burst=0", "cpu.max=50000 100000", "cpu.max.burst=10000"));
}

TEST(CpuTest, NoQuotaIsMax) {
  EXPECT_THAT(Texts(CpuSettings({.max = CpuMax{.period = 50'000}})),
              ElementsAre("cpu.max=max 50000"));
}

TEST(CpuTest, AWeightIsWrittenWhileTheCgroupIsNotIdle) {
  EXPECT_THAT(Texts(CpuSettings({.weight = 10, .idle = true})),
              ElementsAre("cpu.weight=10", "cpu.idle=1"));
  EXPECT_THAT(Texts(CpuSettings({.weight = 10, .idle = false})),
              ElementsAre("cpu.idle=0", "cpu.weight=10"));
}

TEST(CpuTest, ReadsTheKernelsFile) {
  const CpuStats stats = ParseCpuStat(
      "usage_usec 7\nuser_usec 5\nsystem_usec 2\nnice_usec 0\ncore_sched.force_idle_usec 0\n"
      "nr_periods 9\nnr_throttled 3\nthrottled_usec 1234\nnr_bursts 1\nburst_usec 4\n");
  EXPECT_EQ(stats.usage_usec, 7U);
  EXPECT_EQ(stats.user_usec, 5U);
  EXPECT_EQ(stats.system_usec, 2U);
  EXPECT_EQ(stats.nr_periods, 9U);
  EXPECT_EQ(stats.nr_throttled, 3U);
  EXPECT_EQ(stats.throttled_usec, 1234U);
  EXPECT_EQ(stats.nr_bursts, 1U);
  EXPECT_EQ(stats.burst_usec, 4U);
}

TEST(WeightFromSharesTest, MapsLeastDefaultAndMostToTheirCounterparts) {
  EXPECT_EQ(WeightFromShares(2), 1U);
  EXPECT_EQ(WeightFromShares(1024), 100U);
  EXPECT_EQ(WeightFromShares(262'144), 10'000U);
}

TEST(WeightFromSharesTest, BringsWhatIsOutsideIntoRange) {
  EXPECT_EQ(WeightFromShares(0), 1U);
  EXPECT_EQ(WeightFromShares(1), 1U);
  EXPECT_EQ(WeightFromShares(UINT64_MAX), 10'000U);
}

TEST(WeightFromSharesTest, NeverFalls) {
  for (uint64_t shares = 2; shares < 262'144; shares += 7) {
    ASSERT_LE(WeightFromShares(shares), WeightFromShares(shares + 7)) << shares;
  }
}

}  // namespace
}  // namespace berth::cgroups
