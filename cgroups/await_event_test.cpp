#include "cgroups/await_event.h"

#include <gtest/gtest.h>

#include "cgroups/fake_tree.h"

namespace berth::cgroups {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(AwaitEventTest, DoesNotSleepForWhatIsSo) {
  const FakeTree tree({File("cgroup.events", "populated 1\nfrozen 0\n")});
  const auto begin = steady_clock::now();
  const auto awaited = AwaitEvent(
      tree.path(), {.key = "populated", .value = 1, .deadline = begin + std::chrono::hours(1)});
  EXPECT_EQ(*awaited, Awaited::kCame);
}

TEST(AwaitEventTest, GivesUpAtTheDeadline) {
  const FakeTree tree({File("cgroup.events", "populated 1\nfrozen 0\n")});
  const auto begin = steady_clock::now();
  const auto awaited =
      AwaitEvent(tree.path(), {.key = "frozen", .value = 1, .deadline = begin + milliseconds(30)});
  EXPECT_EQ(*awaited, Awaited::kTimedOut);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(30));
}

TEST(AwaitEventTest, SaysThatTheCgroupIsGone) {
  EXPECT_EQ(*AwaitEvent("/nonexistent", {.key = "frozen", .value = 1}), Awaited::kGone);
}

}  // namespace
}  // namespace berth::cgroups
