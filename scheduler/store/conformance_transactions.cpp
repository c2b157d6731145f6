// Of transactions: what they change, when they do it, and what they refuse.
#include <future>

#include "scheduler/store/store_conformance.h"

namespace berth::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Relation = Compare::Relation;
using Target = Compare::Target;

TEST_P(StoreConformance, CountsVersionsAndRevisionsOfAKey) {
  const Revision first = Put("k", "one");
  EXPECT_EQ(Get("k"), (KeyValue{.key = "k",
                                .value = "one",
                                .create_revision = first,
                                .mod_revision = first,
                                .version = 1}));
  Put("other", "x");
  const Revision second = Put("k", "two");
  EXPECT_EQ(Get("k"), (KeyValue{.key = "k",
                                .value = "two",
                                .create_revision = first,
                                .mod_revision = second,
                                .version = 2}));
  Delete(KeyRange::One("k"));
  EXPECT_FALSE(IsThere("k"));
  const Revision third = Put("k", "three");
  EXPECT_EQ(Get("k").create_revision, third) << "a key that comes back is a new one";
  EXPECT_EQ(Get("k").version, 1);
}

TEST_P(StoreConformance, KeepsAnyBytes) {
  const std::string key("k\0\xff\x80", 4);
  const std::string value("\0\xfe'\"\n", 5);
  Put(key, value);
  Put("empty", "");
  EXPECT_EQ(Get(key).value, value);
  EXPECT_EQ(Get("empty").value, "");
  EXPECT_FALSE(IsThere("k"));
}

TEST_P(StoreConformance, EachTransactionHasOneRevisionForAllItChanges) {
  const Revision before = Now();
  const auto result = Commit(
      {.then = {Operation::Put("a", "1"), Operation::Put("b", "2"), Operation::Put("c", "3")}});
  EXPECT_EQ(result.revision, before + 1);
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(Get(key).mod_revision, before + 1);
  const auto next =
      Commit({.then = {Operation::Put("a", "4"), Operation::Delete(KeyRange::One("b"))}});
  EXPECT_EQ(next.revision, before + 2);
}

TEST_P(StoreConformance, ATransactionThatChangesNothingHasNoRevision) {
  const Revision before = Put("k", "v");
  EXPECT_EQ(Commit({}).revision, before);
  EXPECT_EQ(Commit({.then = {Operation::Range(KeyRange::One("k"))}}).revision, before);
  EXPECT_EQ(Delete(KeyRange::One("absent")), before);
  EXPECT_EQ(
      Commit({.compares = {Compare::Absent("k")}, .then = {Operation::Put("k", "w")}}).revision,
      before);
  EXPECT_EQ(Now(), before);
  EXPECT_EQ(Put("k", "v"), before + 1) << "to put the same value is a change";
}

TEST_P(StoreConformance, OperationsSeeWhatThoseBeforeThemDid) {
  Put("a1", "old");
  const auto all = [] { return Operation::Range(KeyRange::Prefix("a")); };
  const auto result =
      Commit({.then = {all(), Operation::Delete(KeyRange::One("a1")), all(),
                       Operation::Put("a2", "new"), Operation::Put("a3", "new"), all()}});
  ASSERT_EQ(result.results.size(), 6U);
  EXPECT_EQ(result.results[0].found.size(), 1U);
  EXPECT_EQ(result.results[1].deleted, 1);
  EXPECT_THAT(result.results[2].found, IsEmpty());
  ASSERT_EQ(result.results[5].found.size(), 2U);
  EXPECT_EQ(result.results[5].found[0].key, "a2");
  EXPECT_EQ(result.results[5].found[0].mod_revision, result.revision);
}

TEST_P(StoreConformance, DeletesARangeAndSaysHowMany) {
  for (const char* key : {"a", "b1", "b2", "b3", "c"}) Put(key, "v");
  const auto result =
      Commit({.then = {Operation::Delete({"b1", "b3"}), Operation::Delete(KeyRange::Prefix("b"))}});
  EXPECT_EQ(result.results[0].deleted, 2);
  EXPECT_EQ(result.results[1].deleted, 1) << "two were gone already";
  EXPECT_THAT(KeysIn(KeyRange::Prefix("")), ElementsAre("a", "c"));
}

TEST_P(StoreConformance, ComparesEachTargetByEachRelation) {
  const LeaseId lease = *store_->GrantLease(std::chrono::seconds(1000));
  Put("k", "m");
  const Revision mod = Put("k", "m", lease);
  const KeyValue known = Get("k");
  const std::pair<Target, int64_t> numbers[] = {{Target::kVersion, 2},
                                                {Target::kCreateRevision, known.create_revision},
                                                {Target::kModRevision, mod},
                                                {Target::kLease, lease}};
  const auto holds = [&](Compare compare) {
    return Commit({.compares = {std::move(compare)}}).succeeded;
  };
  for (const auto& [target, number] : numbers) {
    for (const int64_t wanted : {number - 1, number, number + 1}) {
      SCOPED_TRACE(
          fmt::format("target {}, {} against {}", static_cast<int>(target), number, wanted));
      const auto compare = [&](Relation relation) {
        return holds({.key = "k", .target = target, .relation = relation, .number = wanted});
      };
      EXPECT_EQ(compare(Relation::kEqual), number == wanted);
      EXPECT_EQ(compare(Relation::kNotEqual), number != wanted);
      EXPECT_EQ(compare(Relation::kLess), number < wanted);
      EXPECT_EQ(compare(Relation::kGreater), number > wanted);
    }
  }
  for (const std::string wanted : {"l", "m", "n", "", "\xff"}) {
    const auto compare = [&](Relation relation) {
      return holds({.key = "k", .target = Target::kValue, .relation = relation, .value = wanted});
    };
    EXPECT_EQ(compare(Relation::kEqual), wanted == "m");
    EXPECT_EQ(compare(Relation::kNotEqual), wanted != "m");
    EXPECT_EQ(compare(Relation::kLess), "m" < wanted) << wanted;
    EXPECT_EQ(compare(Relation::kGreater), "m" > wanted) << wanted;
  }
}

TEST_P(StoreConformance, AnAbsentKeyComparesAsZeroAndItsValueAsFalse) {
  const auto holds = [&](Target target, Relation relation, int64_t number) {
    return Commit(
               {.compares =
                    {{.key = "absent", .target = target, .relation = relation, .number = number}}})
        .succeeded;
  };
  for (const Target target :
       {Target::kVersion, Target::kCreateRevision, Target::kModRevision, Target::kLease}) {
    EXPECT_TRUE(holds(target, Relation::kEqual, 0));
    EXPECT_FALSE(holds(target, Relation::kNotEqual, 0));
    EXPECT_TRUE(holds(target, Relation::kLess, 1));
    EXPECT_FALSE(holds(target, Relation::kGreater, 0));
  }
  for (const Relation relation :
       {Relation::kEqual, Relation::kNotEqual, Relation::kLess, Relation::kGreater}) {
    EXPECT_FALSE(holds(Target::kValue, relation, 0));
  }
  EXPECT_TRUE(Commit({.compares = {Compare::Absent("absent")}}).succeeded);
}

TEST_P(StoreConformance, DoesTheOtherBranchIfOneComparisonFails) {
  Put("k", "v");
  const KeyValue known = Get("k");
  const auto attempt = [&] {
    return Commit({.compares = {Compare::Unchanged(known), Compare::Absent("made")},
                   .then = {Operation::Put("k", "mine"), Operation::Put("made", "")},
                   .otherwise = {Operation::Range(KeyRange::One("k"))}});
  };
  EXPECT_TRUE(attempt().succeeded);
  const auto second = attempt();
  EXPECT_FALSE(second.succeeded);
  ASSERT_EQ(second.results.size(), 1U);
  EXPECT_EQ(second.results[0].found[0].value, "mine");
  EXPECT_EQ(Get("k").version, 2) << "nothing of the first branch was done";
}

TEST_P(StoreConformance, AFailedTransactionLeavesNothingAndSpoilsNoOther) {
  const Revision before = Put("k", "v");
  std::vector<std::promise<Result<TransactionResult>>> outcomes(3);
  const auto commit = [&](size_t number, Transaction transaction) {
    store_->Commit(std::move(transaction), [&outcome = outcomes[number]](auto result) {
      outcome.set_value(std::move(result));
    });
  };
  commit(0, {.then = {Operation::Put("first", "")}});
  commit(1, {.then = {Operation::Put("k", "changed"), Operation::Delete(KeyRange::One("first")),
                      Operation::Put("last", "", 12345)}});
  commit(2, {.then = {Operation::Put("third", "")}});
  EXPECT_EQ(outcomes[0].get_future().get()->revision, before + 1);
  EXPECT_EQ(outcomes[1].get_future().get().error().code(), ENOENT) << "there is no such lease";
  EXPECT_EQ(outcomes[2].get_future().get()->revision, before + 2);
  EXPECT_EQ(Get("k").value, "v");
  EXPECT_THAT(KeysIn(KeyRange::Prefix("")), ElementsAre("first", "k", "third"));
}

TEST_P(StoreConformance, RefusesToChangeAKeyTwiceInOneTransaction) {
  const auto put = [] { return Operation::Put("b", "v"); };
  EXPECT_EQ(CommitError({.then = {put(), put()}}), EINVAL);
  EXPECT_EQ(CommitError({.then = {put(), Operation::Delete(KeyRange::One("b"))}}), EINVAL);
  EXPECT_EQ(CommitError({.then = {Operation::Delete({"a", "c"}), put()}}), EINVAL);
  EXPECT_EQ(CommitError({.then = {Operation::Delete(KeyRange::Prefix("")), put()}}), EINVAL);
  EXPECT_EQ(CommitError({.then = {}, .otherwise = {put(), put()}}), EINVAL)
      << "in the branch that is not taken, too";
  EXPECT_FALSE(IsThere("b"));
  EXPECT_EQ(CommitError({.then = {Operation::Delete({"a", "b"}), put()}, .otherwise = {put()}}), 0);
}

TEST_P(StoreConformance, RefusesWhatIsBeyondItsLimits) {
  const auto put = [](size_t key, size_t value) {
    return Operation::Put(std::string(key, 'k'), std::string(value, 'v'));
  };
  EXPECT_EQ(CommitError({.then = {put(kMaxKeySize, kMaxValueSize)}}), 0);
  EXPECT_EQ(Get(std::string(kMaxKeySize, 'k')).value.size(), kMaxValueSize);
  EXPECT_EQ(CommitError({.then = {put(0, 1)}}), EINVAL);
  EXPECT_EQ(CommitError({.then = {put(kMaxKeySize + 1, 1)}}), EINVAL);
  EXPECT_EQ(CommitError({.then = {put(1, kMaxValueSize + 1)}}), EINVAL);
  EXPECT_EQ(CommitError({.compares = {Compare::Absent("")}}), EINVAL);
  EXPECT_EQ(store_->Range({.range = {"", "b"}}).error().code(), EINVAL);

  Transaction many;
  for (size_t i = 0; i < kMaxOperations; ++i) {
    many.then.push_back(Operation::Put(fmt::format("many/{}", i), "v"));
  }
  Transaction too_many = many;
  too_many.then.push_back(Operation::Range(KeyRange::One("k")));
  EXPECT_EQ(CommitError(many), 0);
  EXPECT_EQ(KeysIn(KeyRange::Prefix("many/")).size(), kMaxOperations);
  EXPECT_EQ(CommitError(too_many), EINVAL);

  Transaction big;
  for (size_t i = 0; i <= kMaxTransactionSize / kMaxValueSize; ++i) {
    big.then.push_back(Operation::Put(fmt::format("big/{}", i), std::string(kMaxValueSize, 'v')));
  }
  EXPECT_EQ(CommitError(big), EINVAL);
  EXPECT_THAT(KeysIn(KeyRange::Prefix("big/")), IsEmpty());
}

TEST_P(StoreConformance, CallsBackInTheOrderOfTheCalls) {
  constexpr int kCalls = 500;
  std::vector<int> order;
  std::promise<void> last;
  for (int i = 0; i < kCalls; ++i) {
    // Some fail, and some change nothing: their turn is the same.
    Transaction transaction;
    if (i % 7 == 0) transaction.then = {Operation::Put("", "")};
    if (i % 7 > 1) transaction.then = {Operation::Put(fmt::format("k{}", i % 50), "v")};
    store_->Commit(std::move(transaction), [&, i](const Result<TransactionResult>& result) {
      EXPECT_EQ(result.has_value(), i % 7 != 0);
      order.push_back(i);
      if (i == kCalls - 1) last.set_value();
    });
  }
  last.get_future().get();
  ASSERT_EQ(order.size(), size_t{kCalls});
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_P(StoreConformance, WhatWasCalledBackCanBeRead) {
  std::promise<Result<RangeResult>> read;
  store_->Commit({.then = {Operation::Put("k", "v")}}, [&](const auto&) {
    read.set_value(store_->Range({.range = KeyRange::One("k")}));
  });
  const auto result = read.get_future().get();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->found.size(), 1U);
}

TEST_P(StoreConformance, TransactionsOfManyThreadsDoNotMix) {
  constexpr int kThreads = 4;
  constexpr int kEach = 25;
  Put("counter", "0");
  const auto increment = [&] {
    for (int done = 0; done < kEach;) {
      const auto seen = store_->Range({.range = KeyRange::One("counter")});
      const KeyValue& known = seen->found.front();
      const std::string next = std::to_string(std::stoi(known.value) + 1);
      const auto result = store_->CommitAndWait(
          {.compares = {Compare::Unchanged(known)}, .then = {Operation::Put("counter", next)}});
      if (result && result->succeeded) ++done;
    }
  };
  std::vector<std::future<void>> threads;
  for (int i = 0; i < kThreads; ++i) threads.push_back(std::async(std::launch::async, increment));
  for (auto& thread : threads) thread.get();
  EXPECT_EQ(Get("counter").value, std::to_string(kThreads * kEach));
  EXPECT_EQ(Get("counter").version, kThreads * kEach + 1);
}

}  // namespace
}  // namespace berth::scheduler
