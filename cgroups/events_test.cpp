#include "cgroups/events.h"

#include <gtest/gtest.h>

#include "cgroups/fake_tree.h"

namespace berth::cgroups {
namespace {

TEST(EventsTest, ReadsWhatTheKernelCounts) {
  const FakeTree tree(
      {File("cgroup.events", "populated 1\nfrozen 0\n"),
       File("memory.events", "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\noom_group_kill 6\n"),
       File("pids.events", "max 7\n")});
  const auto events = ReadEvents(tree.path());
  ASSERT_TRUE(events) << events.error().message();
  EXPECT_EQ(
      *events,
      (CgroupEvents{
          .populated = true,
          .frozen = false,
          .memory =
              MemoryEvents{
                  .low = 1, .high = 2, .max = 3, .oom = 4, .oom_kill = 5, .oom_group_kill = 6},
          .pids_max = 7}));
}

TEST(EventsTest, LeavesOutTheControllersThatAreNotThere) {
  const FakeTree tree({File("cgroup.events", "populated 0\nfrozen 1\n")});
  const auto events = ReadEvents(tree.path());
  ASSERT_TRUE(events) << events.error().message();
  EXPECT_EQ(*events, CgroupEvents{.frozen = true});
}

TEST(EventsTest, AnOldKernelCountsLess) {
  const FakeTree tree({File("cgroup.events", "populated 1\n"),
                       File("memory.events", "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n")});
  EXPECT_EQ(ReadEvents(tree.path())->memory, (MemoryEvents{.max = 9, .oom = 1, .oom_kill = 1}));
}

TEST(EventsTest, OneThatIsGoneHasNone) {
  EXPECT_TRUE(ReadEvents("/nonexistent").error().Is(ENOENT));
  EXPECT_TRUE(EventWatch::Open("/nonexistent").error().Is(ENOENT));
}

TEST(EventsTest, AChangeIsADifferenceOrTheEnd) {
  EXPECT_FALSE(EventChange{}.Changed());
  EXPECT_TRUE(EventChange{.gone = true}.Changed());
  EXPECT_TRUE((EventChange{.now = {.populated = true}}.Changed()));
}

}  // namespace
}  // namespace berth::cgroups
