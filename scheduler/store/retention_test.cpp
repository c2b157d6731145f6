#include "scheduler/store/retention.h"

#include <gtest/gtest.h>

namespace berth::scheduler {
namespace {

using namespace std::chrono_literals;

const RetentionClock::Time kBegin{};

TEST(RetentionTest, KeepsSoManyRevisions) {
  RetentionClock clock({.revisions = 100, .age = 10min});
  EXPECT_EQ(clock.Tell(kBegin, 100), std::nullopt);
  EXPECT_EQ(clock.Tell(kBegin + 1s, 150), 50);
  EXPECT_EQ(clock.Tell(kBegin + 2s, 150), std::nullopt) << "nothing new to forget";
  EXPECT_EQ(clock.Tell(kBegin + 3s, 151), 51);
}

TEST(RetentionTest, KeepsThemForSomeTimeOnly) {
  RetentionClock clock({.revisions = 100'000, .age = 10min});
  EXPECT_EQ(clock.Tell(kBegin, 10), std::nullopt);
  EXPECT_EQ(clock.Tell(kBegin + 5min, 20), std::nullopt);
  EXPECT_EQ(clock.Tell(kBegin + 9min, 30), std::nullopt);
  EXPECT_EQ(clock.Tell(kBegin + 10min, 40), 10);
  EXPECT_EQ(clock.Tell(kBegin + 16min, 50), 20);
  EXPECT_EQ(clock.Tell(kBegin + 17min, 50), std::nullopt);
}

TEST(RetentionTest, ForgetsAllOfALongTimeAgoAtOnce) {
  RetentionClock clock({.revisions = 100'000, .age = 10min});
  clock.Tell(kBegin, 10);
  clock.Tell(kBegin + 1min, 20);
  EXPECT_EQ(clock.Tell(kBegin + 24h, 30), 20);
}

}  // namespace
}  // namespace berth::scheduler
