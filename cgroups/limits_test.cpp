#include "cgroups/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::cgroups {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

TEST(UnenforceableTest, NamesTheFilesOfMissingControllersOnly) {
  const Hierarchy hierarchy = {
      .kind = HierarchyKind::kUnified, .mount_point = "/x", .controllers = {"pids"}};
  const Limits limits = {.cpu_max = CpuMax{.quota = 50'000},
                         .memory_max = 1 << 20,
                         .memory_swap_max = 0,
                         .pids_max = 10};
  EXPECT_THAT(Unenforceable(hierarchy, limits),
              ElementsAre("cpu.max", "memory.max", "memory.swap.max"));
}

TEST(UnenforceableTest, IsEmptyWithoutWishes) { EXPECT_THAT(Unenforceable({}, {}), IsEmpty()); }

}  // namespace
}  // namespace berth::cgroups
