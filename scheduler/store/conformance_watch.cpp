// Of watches.
#include <atomic>
#include <future>
#include <thread>

#include "scheduler/store/store_conformance.h"

namespace berth::scheduler {
namespace {

using testing::ElementsAre;
using Kind = Event::Kind;

Event Gone(std::string key, Revision revision) {
  return {.kind = Kind::kDelete, .now = {.key = std::move(key), .mod_revision = revision}};
}

TEST_P(StoreConformance, AWatchIsToldOfEachChange) {
  Told told;
  const auto watch = store_->WatchFrom(KeyRange::Prefix("w/"), Now() + 1, told.Handler());
  const Revision made = Put("w/a", "1");
  const KeyValue a = Get("w/a");
  const Revision both =
      Commit({.then = {Operation::Put("w/b", "1"), Operation::Delete(KeyRange::One("w/a"))}})
          .revision;
  const KeyValue b = Get("w/b");
  const auto batches = told.WaitFor(2);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].revision, made);
  EXPECT_THAT(batches[0].events, ElementsAre(Event{.kind = Kind::kPut, .now = a}));
  EXPECT_EQ(batches[1].revision, both);
  EXPECT_THAT(batches[1].events,
              ElementsAre(Event{.kind = Kind::kPut, .now = b}, Gone("w/a", both)))
      << "in the order of the operations";
}

TEST_P(StoreConformance, AWatchSeesItsKeysAlone) {
  Told prefix;
  Told one;
  Told range;
  const Revision from = Now() + 1;
  const auto first = store_->WatchFrom(KeyRange::Prefix("b"), from, prefix.Handler());
  const auto second = store_->WatchFrom(KeyRange::One("b"), from, one.Handler());
  const auto third = store_->WatchFrom({"c", std::string(1, '\0')}, from, range.Handler());
  for (const char* key : {"a", "b", "b1", "c", "\xff"}) Put(key, "");
  Commit({.then = {Operation::Put("a", "end"), Operation::Put("b", "end"),
                   Operation::Put("c", "end")}});
  EXPECT_EQ(prefix.WaitFor(3).back().events.size(), 1U) << "of a batch, what concerns it";
  EXPECT_EQ(prefix.batches(), 3U);
  EXPECT_EQ(one.WaitFor(2).size(), 2U);
  EXPECT_EQ(range.WaitFor(3).size(), 3U);
}

TEST_P(StoreConformance, AWatchBeginsInThePast) {
  const Revision from = Put("k", "1");
  Delete(KeyRange::One("k"));
  Put("k", "2");
  Told told;
  const auto watch = store_->WatchFrom(KeyRange::One("k"), from, told.Handler());
  told.WaitFor(3);
  Put("k", "3");
  const auto batches = told.WaitFor(4);
  ASSERT_EQ(batches.size(), 4U);
  EXPECT_EQ(batches[0].revision, from);
  EXPECT_EQ(batches[0].events[0].now.value, "1");
  EXPECT_THAT(batches[1].events, ElementsAre(Gone("k", from + 1)));
  EXPECT_EQ(batches[2].events[0].now.version, 1);
  EXPECT_EQ(batches[3].events[0].now.value, "3");
}

TEST_P(StoreConformance, AWatchBeginsInTheFuture) {
  const Revision now = Put("k", "0");
  Told told;
  const auto watch = store_->WatchFrom(KeyRange::One("k"), now + 3, told.Handler());
  for (const char* value : {"1", "2", "3", "4"}) Put("k", value);
  const auto batches = told.WaitFor(2);
  ASSERT_EQ(batches.size(), 2U);
  EXPECT_EQ(batches[0].revision, now + 3);
}

TEST_P(StoreConformance, RevisionZeroWatchesFromNowOn) {
  Put("k", "before");
  Told told;
  const auto watch = store_->WatchFrom(KeyRange::One("k"), 0, told.Handler());
  // etcd decides what "now" is on its side, so nothing can be said of a change right behind the
  // call.
  Told all;
  const auto other = store_->WatchFrom(KeyRange::One("k"), Now(), all.Handler());
  all.WaitFor(1);
  Put("k", "after");
  EXPECT_EQ(told.WaitFor(1).front().events.front().now.value, "after");
}

TEST_P(StoreConformance, AWatchOfWhatIsCompactedEndsWithAnError) {
  const Revision old = Put("k", "1");
  Put("k", "2");
  const Revision cut = Delete(KeyRange::One("k"));
  Put("k", "3");
  ASSERT_TRUE(store_->Compact(cut));
  Told told;
  const auto watch = store_->WatchFrom(KeyRange::One("k"), old, told.Handler());
  EXPECT_EQ(told.WaitForError(), kCompacted);
  Put("k", "4");
  EXPECT_EQ(told.batches(), 0U);

  Told kept;
  const auto later = store_->WatchFrom(KeyRange::One("k"), cut + 1, kept.Handler());
  EXPECT_EQ(kept.WaitFor(2).size(), 2U) << "what is not compacted can be watched";
}

TEST_P(StoreConformance, WatchesMissNothingOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 150;
  const Revision from = Now() + 1;
  Told live;
  const auto watch = store_->WatchFrom(KeyRange::Prefix(""), from, live.Handler());
  std::vector<std::future<void>> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.push_back(std::async(std::launch::async, [&, t] {
      std::promise<void> last;
      for (int i = 0; i < kEach; ++i) {
        store_->Commit({.then = {Operation::Put(fmt::format("{}/{}", t, i % 20), std::to_string(i)),
                                 Operation::Put(fmt::format("last/{}", t), std::to_string(i))}},
                       [&, i](const auto& result) {
                         EXPECT_TRUE(result);
                         if (i == kEach - 1) last.set_value();
                       });
      }
      last.get_future().get();
    }));
  }
  Told late;  // begins while all this is under way
  const auto other = store_->WatchFrom(KeyRange::Prefix(""), from, late.Handler());
  for (auto& thread : threads) thread.get();
  for (Told* told : {&live, &late}) {
    const auto batches = told->WaitFor(size_t{kThreads} * kEach);
    ASSERT_EQ(batches.size(), size_t{kThreads} * kEach);
    std::vector<int> next(kThreads, 0);
    for (size_t i = 0; i < batches.size(); ++i) {
      EXPECT_EQ(batches[i].revision, from + static_cast<Revision>(i));
      ASSERT_EQ(batches[i].events.size(), 2U);
      const KeyValue& now = batches[i].events[0].now;
      EXPECT_EQ(now.value, std::to_string(next[now.key[0] - '0']++))
          << "each thread's in its order";
    }
  }
}

TEST_P(StoreConformance, NoHandlerRunsOnceTheWatchIsGone) {
  std::atomic<bool> busy = true;
  std::thread writer([&] {
    while (busy) EXPECT_TRUE(store_->CommitAndWait({.then = {Operation::Put("k", "v")}}));
  });
  for (int round = 0; round < 50; ++round) {
    // Only the watch keeps the handler from what is freed with this scope.
    auto calls = std::make_unique<std::atomic<int>>(0);
    std::promise<void> first;
    auto watch = store_->WatchFrom(KeyRange::One("k"), 0, [&](const Result<EventBatch>& batch) {
      EXPECT_TRUE(batch);
      if (calls->fetch_add(1) == 0) first.set_value();
    });
    first.get_future().get();
    watch.reset();
    const int before = *calls;
    std::this_thread::yield();
    EXPECT_EQ(*calls, before);
  }
  busy = false;
  writer.join();
}

TEST_P(StoreConformance, LettingGoOfAWatchWaitsForItsHandler) {
  std::promise<void> entered;
  std::promise<void> leave;
  std::atomic<bool> left = false;
  auto watch = store_->WatchFrom(KeyRange::One("k"), Now() + 1, [&](const Result<EventBatch>&) {
    entered.set_value();
    leave.get_future().get();
    left = true;
  });
  Put("k", "v");
  entered.get_future().get();
  auto gone = std::async(std::launch::async, [&] {
    watch.reset();
    return left.load();
  });
  leave.set_value();
  EXPECT_TRUE(gone.get());
}

TEST_P(StoreConformance, AHandlerMayLetGoOfItsOwnWatch) {
  std::unique_ptr<Watch> watch;
  std::promise<void> ready;
  std::promise<void> gone;
  watch = store_->WatchFrom(KeyRange::One("k"), Now() + 1, [&](const Result<EventBatch>&) {
    ready.get_future().get();
    watch.reset();
    gone.set_value();
  });
  ready.set_value();
  Put("k", "1");
  gone.get_future().get();
  Put("k", "2");  // a second call would set the promise again, and throw
}

TEST_P(StoreConformance, AHandlerMayCommitAndRead) {
  Told echo;
  const auto answers = store_->WatchFrom(KeyRange::One("answer"), Now() + 1, echo.Handler());
  const auto watch =
      store_->WatchFrom(KeyRange::One("question"), Now() + 1, [&](const Result<EventBatch>& batch) {
        const auto read = store_->Range({.range = KeyRange::One("question")});
        EXPECT_EQ(read->found.front(), batch->events.front().now);
        EXPECT_TRUE(store_->CommitAndWait({.then = {Operation::Put("answer", "v")}}));
      });
  Put("question", "v");
  EXPECT_EQ(echo.WaitFor(1).size(), 1U);
}

TEST_P(StoreConformance, AWatchMayOutliveItsStore) {
  Told told;
  auto watch = store_->WatchFrom(KeyRange::One("k"), Now() + 1, told.Handler());
  Reopen();
  Put("k", "v");
  watch.reset();
  EXPECT_EQ(told.batches(), 0U);
}

TEST_P(StoreConformance, AWatchGoesOnAfterARestartWhereItWas) {
  const Revision from = Put("k", "1");
  Delete(KeyRange::One("k"));
  Reopen();
  Told told;
  const auto watch = store_->WatchFrom(KeyRange::One("k"), from, told.Handler());
  EXPECT_EQ(told.WaitFor(2)[1].events[0], Gone("k", from + 1));
}

}  // namespace
}  // namespace berth::scheduler
