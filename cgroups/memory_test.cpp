#include "cgroups/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgroups/setting_text.h"

namespace berth::cgroups {
namespace {

using testing::ElementsAre;

TEST(MemoryTest, WritesWhatIsSet) {
  EXPECT_THAT(
      Texts(MemorySettings({.max = 4096, .high = 2048, .min = 1024, .oom_group = true})),
      ElementsAre("memory.max=4096", "memory.high=2048", "memory.min=1024", "memory.oom.group=1"));
}

TEST(MemoryTest, NoLimitIsMax) {
  EXPECT_THAT(Texts(MemorySettings({.max = kUnlimited, .swap_max = kUnlimited})),
              ElementsAre("memory.max=max", "memory.swap.max=max"));
}

TEST(SwapMaxTest, IsWhatMemoryAndSwapTogetherLeave) {
  EXPECT_EQ(*SwapMax(100, 300), 200U);
  EXPECT_EQ(*SwapMax(100, 100), 0U);
  EXPECT_EQ(*SwapMax(100, -1), kUnlimited);
  EXPECT_EQ(*SwapMax(std::nullopt, -1), kUnlimited);
  EXPECT_EQ(*SwapMax(100, std::nullopt), std::nullopt);
}

TEST(SwapMaxTest, RefusesWhatCannotBe) {
  EXPECT_EQ(SwapMax(100, 99).error().message(),
            "swap (99) is memory and swap together: not less than memory (100)");
  EXPECT_EQ(SwapMax(std::nullopt, 99).error().message(),
            "swap needs a memory limit, which it includes");
  EXPECT_EQ(SwapMax(-1, 99).error().message(), "swap can't be limited where memory is not");
}

TEST(MemoryTest, ReadsEvents) {
  const MemoryEvents events =
      ParseMemoryEvents("low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n");
  EXPECT_EQ(events.low, 1U);
  EXPECT_EQ(events.high, 2U);
  EXPECT_EQ(events.max, 3U);
  EXPECT_EQ(events.oom, 4U);
  EXPECT_EQ(events.oom_kill, 5U);
  EXPECT_EQ(events.oom_group_kill, 6U);
}

TEST(MemoryTest, ReadsStatInWhateverOrder) {
  const MemoryStat stat = ParseMemoryStat(
      "anon 1\nfile 2\nkernel 3\nkernel_stack 99\nsock 4\nfile_thp 99\nshmem 5\n"
      "inactive_file 7\nslab_reclaimable 99\nslab 8\npgfault 9\npgmajfault 10\nfile_dirty 6\n");
  EXPECT_EQ(stat.anon, 1U);
  EXPECT_EQ(stat.file, 2U);
  EXPECT_EQ(stat.kernel, 3U);
  EXPECT_EQ(stat.sock, 4U);
  EXPECT_EQ(stat.shmem, 5U);
  EXPECT_EQ(stat.file_dirty, 6U);
  EXPECT_EQ(stat.inactive_file, 7U);
  EXPECT_EQ(stat.slab, 8U);
  EXPECT_EQ(stat.pgfault, 9U);
  EXPECT_EQ(stat.pgmajfault, 10U);
  EXPECT_EQ(stat.active_file, 0U);
}

}  // namespace
}  // namespace berth::cgroups
