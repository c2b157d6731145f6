#include "scheduler/store/lease_deadlines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const LeaseDeadlines::Time kStart{};

TEST(LeaseDeadlinesTest, ALeaseEndsAfterItsTime) {
  LeaseDeadlines leases;
  EXPECT_EQ(leases.Next(), std::nullopt);
  leases.Add(1, 10s, kStart);
  leases.Add(2, 5s, kStart);
  EXPECT_EQ(leases.Next(), kStart + 5s);
  EXPECT_THAT(leases.TakeEnded(kStart + 4s), IsEmpty());
  EXPECT_THAT(leases.TakeEnded(kStart + 5s), ElementsAre(2));
}

TEST(LeaseDeadlinesTest, KeepingItAliveStartsItsTimeAnew) {
  LeaseDeadlines leases;
  leases.Add(1, 10s, kStart);
  EXPECT_TRUE(leases.KeepAlive(1, kStart + 9s));
  EXPECT_THAT(leases.TakeEnded(kStart + 18s), IsEmpty());
  EXPECT_THAT(leases.TakeEnded(kStart + 19s), ElementsAre(1));
}

TEST(LeaseDeadlinesTest, OneWhoseTimeIsUpCanNotBeKept) {
  LeaseDeadlines leases;
  leases.Add(1, 10s, kStart);
  EXPECT_FALSE(leases.KeepAlive(1, kStart + 10s)) << "even if nobody has ended it yet";
  leases.TakeEnded(kStart + 10s);
  EXPECT_FALSE(leases.KeepAlive(1, kStart + 10s));
  EXPECT_FALSE(leases.KeepAlive(2, kStart));
}

TEST(LeaseDeadlinesTest, IsToldAgainUntilItIsRemoved) {
  LeaseDeadlines leases;
  leases.Add(1, 10s, kStart);
  EXPECT_THAT(leases.TakeEnded(kStart + 10s), ElementsAre(1));
  EXPECT_THAT(leases.TakeEnded(kStart + 10s), IsEmpty());
  EXPECT_THAT(leases.TakeEnded(kStart + 10s + LeaseDeadlines::kRetry), ElementsAre(1));
  leases.Remove(1);
  EXPECT_THAT(leases.TakeEnded(kStart + 100s), IsEmpty());
  EXPECT_EQ(leases.Next(), std::nullopt);
}

}  // namespace
}  // namespace berth::scheduler
