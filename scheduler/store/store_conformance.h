// What every engine of the store has to do: the same tests, for each engine that a test program
// names with
//
//   INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, testing::Values(StoreEngine{...}), ...);
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <ostream>

#include "scheduler/store/store.h"

namespace berth::scheduler {

/// A place where one store is kept, empty at first, and removed with this.
class StorePlace {
 public:
  virtual ~StorePlace() = default;
  /// Again after the store was let go of: it is the same one, after a restart of the engine.
  virtual Result<std::unique_ptr<Store>> Open() = 0;
};

struct StoreEngine {
  std::string name;
  std::function<std::unique_ptr<StorePlace>()> make_place;
};

/// What googletest calls it: by its bytes, every run would have other names of tests.
inline void PrintTo(const StoreEngine& engine, std::ostream* out) { *out << engine.name; }

class StoreConformance : public testing::TestWithParam<StoreEngine> {
 protected:
  void SetUp() override;
  void Reopen();

  /// The transaction's outcome, which has to be one.
  TransactionResult Commit(Transaction transaction);
  /// Its errno, 0 if it succeeds.
  int CommitError(Transaction transaction);
  Revision Put(const std::string& key, const std::string& value, LeaseId lease = 0);
  Revision Delete(KeyRange range);
  /// The key's one entry; a test failure and nothing in it if it is not there.
  KeyValue Get(const std::string& key);
  bool IsThere(const std::string& key);
  std::vector<std::string> KeysIn(const KeyRange& range);
  Revision Now();

  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<Store> store_;
};

/// What a watch has been told. Lives longer than the watch.
class Told {
 public:
  Store::OnEvents Handler();
  /// Waits (for 10 s at most) until there are so many batches, or an error.
  std::vector<EventBatch> WaitFor(size_t batches);
  /// Waits for the error that ends the watch: its code; -1 if none comes.
  int WaitForError();
  size_t batches();

 private:
  std::mutex mutex_;
  std::condition_variable told_;
  std::vector<EventBatch> batches_;
  std::optional<Error> error_;
};

}  // namespace berth::scheduler
