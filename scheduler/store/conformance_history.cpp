// Of reading: ranges, what was there at a revision, compaction, restarts.
#include "scheduler/store/store_conformance.h"

namespace berth::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(StoreConformance, ReadsRangesInTheOrderOfTheirBytes) {
  for (const char* key : {"b", "a", "ab", "a\xff", "c", "\xff\xff", "\xff"}) Put(key, "v");
  EXPECT_THAT(KeysIn({"a", "b"}), ElementsAre("a", "ab", "a\xff"));
  EXPECT_THAT(KeysIn({"a", "bb"}), ElementsAre("a", "ab", "a\xff", "b"));
  EXPECT_THAT(KeysIn({"b", "a"}), IsEmpty());
  EXPECT_THAT(KeysIn(KeyRange::One("a")), ElementsAre("a"));
  EXPECT_THAT(KeysIn(KeyRange::Prefix("a")), ElementsAre("a", "ab", "a\xff"));
  EXPECT_THAT(KeysIn(KeyRange::Prefix("a\xff")), ElementsAre("a\xff"));
  EXPECT_THAT(KeysIn(KeyRange::Prefix("\xff")), ElementsAre("\xff", "\xff\xff"));
  EXPECT_THAT(KeysIn(KeyRange::Prefix("")),
              ElementsAre("a", "ab", "a\xff", "b", "c", "\xff", "\xff\xff"));
  EXPECT_THAT(KeysIn({"b", std::string(1, '\0')}), ElementsAre("b", "c", "\xff", "\xff\xff"));
}

TEST_P(StoreConformance, ALimitCutsARangeShortAndSaysSo) {
  for (const char* key : {"a", "b", "c"}) Put(key, "v");
  const auto read = [&](size_t limit) {
    return *store_->Range({.range = KeyRange::Prefix(""), .limit = limit});
  };
  EXPECT_EQ(read(2).found.size(), 2U);
  EXPECT_EQ(read(2).found.back().key, "b");
  EXPECT_TRUE(read(2).more);
  EXPECT_EQ(read(3).found.size(), 3U);
  EXPECT_FALSE(read(3).more);
  EXPECT_FALSE(read(0).more);
  EXPECT_EQ(read(SIZE_MAX).found.size(), 3U);
}

TEST_P(StoreConformance, ReadsWhatWasThereAtARevision) {
  const Revision empty = Now();
  const Revision made = Put("a", "1");
  Put("b", "1");
  const Revision both = Put("a", "2");
  const KeyValue a_then = Get("a");
  Delete(KeyRange::One("b"));
  const Revision gone = Put("c", "1");
  Put("b", "again");
  const Revision last = Put("a", "3");

  const auto at = [&](Revision revision) {
    auto result = store_->Range({.range = KeyRange::Prefix(""), .revision = revision});
    EXPECT_TRUE(result) << result.error().message();
    EXPECT_EQ(result->revision, last) << "that of the store, not of the question";
    std::string seen;
    for (const KeyValue& entry : result->found) seen += entry.key + "=" + entry.value + " ";
    return seen;
  };
  EXPECT_EQ(at(empty), "");
  EXPECT_EQ(at(made), "a=1 ");
  EXPECT_EQ(at(both), "a=2 b=1 ");
  EXPECT_EQ(at(gone), "a=2 c=1 ");
  EXPECT_EQ(at(last), "a=3 b=again c=1 ");
  EXPECT_EQ(store_->Range({.range = KeyRange::One("a"), .revision = both})->found.front(), a_then);

  const auto page = store_->Range({.range = KeyRange::Prefix(""), .revision = both, .limit = 1});
  EXPECT_EQ(page->found.size(), 1U);
  EXPECT_TRUE(page->more);
  EXPECT_EQ(store_->Range({.range = KeyRange::One("a"), .revision = last + 1}).error().code(),
            EINVAL);
}

TEST_P(StoreConformance, CompactionForgetsWhatWasBeforeAndNothingElse) {
  Put("kept", "1");
  const Revision old = Put("a", "1");
  Put("b", "1");
  Delete(KeyRange::One("b"));
  const Revision cut = Put("a", "2");
  Put("kept", "2");
  Put("a", "3");
  ASSERT_TRUE(store_->Compact(cut));

  const auto at = [&](Revision revision) {
    return store_->Range({.range = KeyRange::Prefix(""), .revision = revision});
  };
  EXPECT_EQ(at(old).error().code(), kCompacted);
  EXPECT_EQ(at(cut - 1).error().code(), kCompacted);
  const auto then = at(cut);
  ASSERT_TRUE(then) << then.error().message();
  ASSERT_EQ(then->found.size(), 2U);
  EXPECT_EQ(then->found[0].value, "2");
  EXPECT_EQ(then->found[1].value, "1") << "what was not changed since long before is still there";
  EXPECT_EQ(Get("a").value, "3");
  EXPECT_EQ(Get("a").version, 3);
  EXPECT_TRUE(store_->Compact(old)) << "forgotten already";
  EXPECT_EQ(store_->Compact(Now() + 1).error().code(), EINVAL);

  Reopen();
  EXPECT_EQ(at(old).error().code(), kCompacted);
  EXPECT_EQ(at(cut)->found.size(), 2U);
}

TEST_P(StoreConformance, HistoryStaysRightWhileCompactionGoesOn) {
  // More than an engine deletes at once, and with every kind of change on both sides of the cut.
  constexpr int kRounds = 1'500;
  std::vector<Revision> revisions;
  for (int i = 0; i < kRounds; ++i) {
    Transaction round;
    round.then.push_back(Operation::Put(fmt::format("k{}", i % 10), std::to_string(i)));
    round.then.push_back(i % 3 == 0 ? Operation::Delete(KeyRange::One("x"))
                                    : Operation::Put("x", std::to_string(i)));
    store_->Commit(std::move(round),
                   [&](const auto& result) { revisions.push_back(result->revision); });
  }
  Put("end", "");
  ASSERT_EQ(revisions.size(), size_t{kRounds});
  for (const int cut : {700, 1'200, 1'401}) {
    ASSERT_TRUE(store_->Compact(revisions[cut]));
    for (const int i : {cut, cut + 1, cut + 57, kRounds - 1}) {
      const auto then = store_->Range({.range = KeyRange::Prefix(""), .revision = revisions[i]});
      ASSERT_TRUE(then) << then.error().message();
      ASSERT_EQ(then->found.size(), i % 3 == 0 ? 10U : 11U) << i;
      for (int k = 0; k < 10; ++k) {
        const int last = i - (i - k) % 10;
        EXPECT_EQ(then->found[k].value, std::to_string(last)) << "k" << k << " at round " << i;
      }
    }
  }
}

TEST_P(StoreConformance, ARestartLosesNothing) {
  const LeaseId lease = *store_->GrantLease(std::chrono::seconds(1000));
  Put("a", "1");
  const Revision old = Put("a", "2", lease);
  Put("b", "1");
  Delete(KeyRange::One("b"));
  const KeyValue a = Get("a");
  const Revision last = Now();
  Reopen();
  EXPECT_EQ(Get("a"), a);
  EXPECT_EQ(Now(), last) << "even if the last change was a deletion";
  EXPECT_EQ(store_->Range({.range = KeyRange::Prefix(""), .revision = old})->found.size(), 1U);
  EXPECT_EQ(Put("c", "1"), last + 1);
}

}  // namespace
}  // namespace berth::scheduler
