// Of leases. Real time passes in the tests of their end: engines keep their own clocks.
#include <thread>

#include "scheduler/store/store_conformance.h"

namespace berth::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr auto kLong = 1000s;

TEST_P(StoreConformance, RevokingALeaseDeletesItsKeysAsOneTransaction) {
  const LeaseId lease = *store_->GrantLease(kLong);
  ASSERT_NE(lease, 0);
  Put("free", "v");
  Put("b", "v", lease);
  Put("a", "v", lease);
  EXPECT_EQ(Get("a").lease, lease);
  Told told;
  const Revision before = Now();
  const auto watch = store_->WatchFrom(KeyRange::Prefix(""), before + 1, told.Handler());
  ASSERT_TRUE(store_->RevokeLease(lease));
  EXPECT_THAT(KeysIn(KeyRange::Prefix("")), ElementsAre("free"));
  EXPECT_EQ(Now(), before + 1);
  const auto batches = told.WaitFor(1);
  ASSERT_EQ(batches.front().events.size(), 2U);
  EXPECT_EQ(batches.front().events[0].now.key, "a");
  EXPECT_EQ(batches.front().events[1].kind, Event::Kind::kDelete);
}

TEST_P(StoreConformance, ALeaseThatIsNotThereIsSaidToBe) {
  const LeaseId lease = *store_->GrantLease(kLong);
  const LeaseId other = *store_->GrantLease(kLong);
  EXPECT_NE(lease, other);
  ASSERT_TRUE(store_->KeepLeaseAlive(lease));
  ASSERT_TRUE(store_->RevokeLease(lease));
  EXPECT_EQ(store_->KeepLeaseAlive(lease).error().code(), ENOENT);
  EXPECT_EQ(store_->RevokeLease(lease).error().code(), ENOENT);
  EXPECT_EQ(CommitError({.then = {Operation::Put("k", "v", lease)}}), ENOENT);
  EXPECT_EQ(CommitError({.otherwise = {Operation::Put("k", "v", lease)}}), 0)
      << "in a branch that is not taken it does not matter";
  EXPECT_TRUE(store_->KeepLeaseAlive(other));
}

TEST_P(StoreConformance, ALeaseHasNoLessThanASecond) {
  EXPECT_EQ(store_->GrantLease(0s).error().code(), EINVAL);
  EXPECT_EQ(store_->GrantLease(-1s).error().code(), EINVAL);
}

TEST_P(StoreConformance, ALeaseWithoutKeysEndsWithoutARevision) {
  const LeaseId lease = *store_->GrantLease(kLong);
  const Revision before = Now();
  ASSERT_TRUE(store_->RevokeLease(lease));
  EXPECT_EQ(Now(), before);
}

TEST_P(StoreConformance, AKeyBelongsToTheLeaseItWasLastPutWith) {
  const LeaseId first = *store_->GrantLease(kLong);
  const LeaseId second = *store_->GrantLease(kLong);
  Put("moved", "v", first);
  Put("moved", "v", second);
  Put("freed", "v", first);
  Put("freed", "v");
  Put("again", "v", first);
  Delete(KeyRange::One("again"));
  Put("again", "v");
  ASSERT_TRUE(store_->RevokeLease(first));
  EXPECT_THAT(KeysIn(KeyRange::Prefix("")), ElementsAre("again", "freed", "moved"));
  ASSERT_TRUE(store_->RevokeLease(second));
  EXPECT_FALSE(IsThere("moved"));
}

TEST_P(StoreConformance, ALeaseEndsUnlessItIsKeptAlive) {
  const LeaseId left = *store_->GrantLease(1s);
  const LeaseId kept = *store_->GrantLease(5s);
  Put("left", "v", left);
  Put("kept", "v", kept);
  Told told;
  const auto watch = store_->WatchFrom(KeyRange::One("left"), Now() + 1, told.Handler());
  const auto batches = told.WaitFor(1);
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].events[0].kind, Event::Kind::kDelete);
  EXPECT_FALSE(IsThere("left"));
  EXPECT_TRUE(IsThere("kept"));
  EXPECT_EQ(store_->KeepLeaseAlive(left).error().code(), ENOENT);
  EXPECT_TRUE(store_->KeepLeaseAlive(kept));
}

TEST_P(StoreConformance, LeasesSurviveARestart) {
  const LeaseId lease = *store_->GrantLease(kLong);
  const LeaseId brief = *store_->GrantLease(1s);
  Put("long", "v", lease);
  Put("brief", "v", brief);
  Reopen();
  EXPECT_TRUE(store_->KeepLeaseAlive(lease));
  Told told;
  const auto watch =
      store_->WatchFrom(KeyRange::One("brief"), Get("long").mod_revision + 1, told.Handler());
  const auto batches = told.WaitFor(2);
  EXPECT_EQ(batches.back().events[0].kind, Event::Kind::kDelete)
      << "it ends after the restart, too";
  EXPECT_TRUE(IsThere("long"));
  EXPECT_TRUE(store_->RevokeLease(lease));
  EXPECT_FALSE(IsThere("long"));
}

}  // namespace
}  // namespace berth::scheduler
