#include "scheduler/model/ledger.h"

#include <gmock/gmock.h>

#include "scheduler/test_world.h"

namespace berth::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() : ledger(store, loop.Poster()) {
    EXPECT_TRUE(ledger.Begin());
    store.Hold();
    ledger.on_failure = [this](const Error& why) {
      told.push_back("failure: " + why.message());
      EXPECT_TRUE(ledger.Begin());
    };
  }

  void PutAndAsk(const std::string& key) {
    ledger.Put(key, "value of " + key);
    Ask(key);
  }
  void Ask(const std::string& name) {
    ledger.WhenDurable([this, name](const Result<void>& durable) {
      told.push_back(name + (durable ? " durable" : " lost"));
    });
  }
  void Deliver(size_t count = SIZE_MAX) {
    store.Deliver(count);
    loop.RunPosted();
  }

  FakeStore store;
  FakeLoop loop;
  Ledger ledger;
  std::vector<std::string> told;
};

TEST_F(LedgerTest, TellsAtOnceIfNothingIsUnderWay) {
  Ask("nothing");
  EXPECT_THAT(told, ElementsAre("nothing durable"));
  EXPECT_EQ(store.waiting(), 0u);
}

TEST_F(LedgerTest, TellsNothingBeforeItIsDurable) {
  PutAndAsk("/a");
  EXPECT_THAT(told, IsEmpty());
  EXPECT_EQ(ledger.in_flight(), 1u);
  Deliver();
  EXPECT_THAT(told, ElementsAre("/a durable"));
  EXPECT_EQ(store.data().at("/a").value, "value of /a");
  EXPECT_EQ(ledger.in_flight(), 0u);
}

TEST_F(LedgerTest, TellsInTheOrderOfTheQuestions) {
  PutAndAsk("/a");
  PutAndAsk("/b");
  Ask("again");  // changes nothing, and waits for what is under way
  Deliver(1);
  EXPECT_THAT(told, ElementsAre("/a durable"));
  Deliver();
  EXPECT_THAT(told, ElementsAre("/a durable", "/b durable", "again durable"));
}

TEST_F(LedgerTest, MakesOneTransactionOfWhatIsPutBetweenSeals) {
  ledger.Put("/a", "first");
  ledger.Put("/b", "1");
  ledger.Put("/a", "second");
  ledger.Erase("/b");
  ledger.Seal();
  ledger.Seal();  // nothing is left
  EXPECT_EQ(store.waiting(), 1u);
  Deliver();
  EXPECT_EQ(store.data().at("/a").value, "second");
  EXPECT_FALSE(store.data().contains("/b"));
}

TEST_F(LedgerTest, FailsAllThatIsBuiltUponAFailure) {
  store.FailNext(MakeError("disk full"));
  PutAndAsk("/a");
  PutAndAsk("/b");
  PutAndAsk("/c");
  Deliver(1);
  EXPECT_THAT(told, ElementsAre("/a lost"));
  Ask("late");  // at once: it can't become durable any more
  EXPECT_THAT(told, ElementsAre("/a lost", "late lost"));
  Deliver();
  EXPECT_THAT(told,
              ElementsAre("/a lost", "late lost", "/b lost", "/c lost", "failure: disk full"));
  EXPECT_FALSE(store.data().contains("/b"));
}

TEST_F(LedgerTest, GoesOnAfterAFailureOnceItHasBegunAnew) {
  store.FailNext(MakeError("disk full"));
  PutAndAsk("/a");
  Deliver();
  PutAndAsk("/b");
  Deliver();
  EXPECT_THAT(told, ElementsAre("/a lost", "failure: disk full", "/b durable"));
  EXPECT_TRUE(store.data().contains("/b"));
}

TEST_F(LedgerTest, DropsWhatWasStagedUponAFailure) {
  store.FailNext(MakeError("disk full"));
  PutAndAsk("/a");
  ledger.Put("/staged", "upon /a");
  Deliver();
  PutAndAsk("/b");
  Deliver();
  EXPECT_FALSE(store.data().contains("/staged"));
  EXPECT_TRUE(store.data().contains("/b"));
}

TEST_F(LedgerTest, IsFencedOffByAnotherWriter) {
  PutAndAsk("/a");
  Deliver();
  store.WriteAsAnother();
  PutAndAsk("/b");
  PutAndAsk("/c");
  Deliver();
  EXPECT_THAT(told, ElementsAre("/a durable", "/b lost", "/c lost",
                                "failure: another scheduler has written to the store"));
  EXPECT_FALSE(store.data().contains("/b"));
}

}  // namespace
}  // namespace berth::scheduler
