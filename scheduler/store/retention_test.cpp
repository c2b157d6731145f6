#include "scheduler/store/retention.h"

#include <gtest/gtest.h>

namespace berth::scheduler {
namespace {

using namespace std::chrono_literals;

const RetentionClock::Time kStart{};

TEST(RetentionTest, KeepsSoManyRevisions) {
  RetentionClock clock({.revisions = 100, .age = 10min});
  EXPECT_EQ(clock.Tell(kStart, 100), std::nullopt);
  EXPECT_EQ(clock.Tell(kStart + 1s, 150), 50);
  EXPECT_EQ(clock.Tell(kStart + 2s, 150), std::nullopt) << "nothing new to forget";
  EXPECT_EQ(clock.Tell(kStart + 3s, 151), 51);
}

TEST(RetentionTest, KeepsThemForSomeTimeOnly) {
  RetentionClock clock({.revisions = 100'000, .age = 10min});
  EXPECT_EQ(clock.Tell(kStart, 10), std::nullopt);
  EXPECT_EQ(clock.Tell(kStart + 5min, 20), std::nullopt);
  EXPECT_EQ(clock.Tell(kStart + 9min, 30), std::nullopt);
  EXPECT_EQ(clock.Tell(kStart + 10min, 40), 10);
  EXPECT_EQ(clock.Tell(kStart + 16min, 50), 20);
  EXPECT_EQ(clock.Tell(kStart + 17min, 50), std::nullopt);
}

TEST(RetentionTest, ForgetsAllOfALongTimeAgoAtOnce) {
  RetentionClock clock({.revisions = 100'000, .age = 10min});
  clock.Tell(kStart, 10);
  clock.Tell(kStart + 1min, 20);
  EXPECT_EQ(clock.Tell(kStart + 24h, 30), 20);
}

}  // namespace
}  // namespace berth::scheduler
