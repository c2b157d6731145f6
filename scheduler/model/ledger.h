// Ledger: writes behind what has changed in memory, and says when it is safe to tell.
//
// The scheduler decides in memory, on one thread, without waiting. What a handler has changed is
// one transaction of the store. Nobody outside is told of a change (no answer, no order to an
// agent) before it is durable: that is what WhenDurable is for.
//
//   handler: change tables ... -> Seal()          -> WhenDurable: send the answer
//                                  |                     ^
//                                  v                     |
//                            Store::Commit ---- fsync ---+
//
// Each transaction holds on to the one before it by the version of one key. If one fails (a full
// disk, another scheduler that has taken over), all behind it fail as well: nothing can be built
// upon what was never written. Then everything is loaded anew.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "scheduler/store/store.h"

namespace berth::scheduler {

class Ledger {
 public:
  /// `post` hands work to the scheduler's thread, from any other.
  Ledger(Store& store, std::function<void(std::function<void()>)> post);

  /// Where the chain of transactions stands; to be read before the tables are loaded. What is
  /// staged is dropped. Errors: the store's.
  Result<void> Begin();

  void Put(std::string key, std::string value);
  void Erase(std::string key);

  /// What was put and erased since the last call becomes one transaction, under way from now on.
  void Seal();

  /// Calls `then` once all that has been changed so far, sealed or not, is durable: at once if it
  /// is. With an error if it can't be. Unsealed changes are sealed by this.
  void WhenDurable(std::function<void(Result<void>)> then);

  /// Called after a failure, once every transaction under way has failed with it and those who
  /// waited have been told: to load everything anew, and Begin again.
  std::function<void(const Error&)> on_failure;

  size_t in_flight() const { return committing_; }

 private:
  void Stage(Operation operation);
  void Committed(uint64_t ticket, Result<TransactionResult> result);

  struct Waiting {
    uint64_t ticket;
    std::function<void(Result<void>)> then;
  };

  Store& store_;
  std::function<void(std::function<void()>)> post_;
  std::vector<Operation> staged_;
  std::unordered_map<std::string, size_t> staged_at_;  // by key
  int64_t chain_version_ = 0;
  uint64_t sealed_ = 0;   // tickets given
  uint64_t durable_ = 0;  // tickets that are through
  size_t committing_ = 0;
  std::optional<Error> failure_;
  std::deque<Waiting> waiting_;
};

}  // namespace berth::scheduler
