#include "cgroups/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::cgroups {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(UnenforceableTest, NamesTheFilesOfMissingControllersOnly) {
  const Hierarchy hierarchy = {
      .kind = HierarchyKind::kUnified, .mount_point = "/x", .controllers = {"pids"}};
  const Limits limits = {.cpu = {.max = CpuMax{.quota = 50'000}},
                         .memory = {.max = 1 << 20, .swap_max = 0},
                         .pids = {.max = 10}};
  EXPECT_THAT(Unenforceable(hierarchy, limits),
              ElementsAre("cpu.max", "memory.max", "memory.swap.max"));
}

TEST(UnenforceableTest, NamesAFileOnce) {
  const Limits limits = {
      .io = {.max = {{.device = {8, 0}, .rbps = 1}, {.device = {8, 16}, .rbps = 1}}}};
  EXPECT_THAT(Unenforceable({}, limits), ElementsAre("io.max"));
}

TEST(AllSettingsTest, TheUnifiedMapHasTheLastWord) {
  const Limits limits = {.memory = {.high = 1}, .unified = {{"memory.high", "2"}}};
  const auto settings = AllSettings(limits);
  EXPECT_EQ(settings.back().value, "2");
}

TEST(UnenforceableTest, IsEmptyWithoutWishes) { EXPECT_THAT(Unenforceable({}, {}), IsEmpty()); }

}  // namespace
}  // namespace berth::cgroups
