#include "scheduler/model/ledger.h"

namespace berth::scheduler {
namespace {

constexpr const char* kChainKey = "/ledger";

}  // namespace

Ledger::Ledger(Store& store, std::function<void(std::function<void()>)> post)
    : store_(store), post_(std::move(post)) {}

Result<void> Ledger::Begin() {
  const RangeResult chain = TRY(store_.Range({.range = KeyRange::One(kChainKey)}));
  chain_version_ = chain.found.empty() ? 0 : chain.found.front().version;
  failure_.reset();
  // It was built upon what has been given up, and is in no table any more.
  staged_.clear();
  return {};
}

void Ledger::Put(std::string key, std::string value) {
  Stage(Operation::Put(std::move(key), std::move(value)));
}

void Ledger::Erase(std::string key) { Stage(Operation::Delete(KeyRange::One(std::move(key)))); }

// The last word on a key counts, and the store takes only one a transaction.
void Ledger::Stage(Operation operation) {
  const auto [known, is_new] = staged_at_.try_emplace(operation.range.first, staged_.size());
  if (is_new) {
    staged_.push_back(std::move(operation));
  } else {
    staged_[known->second] = std::move(operation);
  }
}

void Ledger::Seal() {
  if (staged_.empty()) return;
  Transaction transaction = {.compares = {{.key = kChainKey,
                                           .target = Compare::Target::kVersion,
                                           .number = chain_version_}},
                             .then = std::move(staged_)};
  staged_.clear();
  staged_at_.clear();
  transaction.then.push_back(Operation::Put(kChainKey, ""));
  ++chain_version_;
  ++committing_;
  store_.Commit(std::move(transaction), [this, ticket = ++sealed_](auto result) {
    post_([this, ticket, result = std::move(result)]() mutable {
      Committed(ticket, std::move(result));
    });
  });
}

void Ledger::WhenDurable(std::function<void(Result<void>)> then) {
  Seal();
  if (failure_) return then(*failure_);
  if (durable_ == sealed_) return then({});
  waiting_.push_back({sealed_, std::move(then)});
}

void Ledger::Committed(uint64_t ticket, Result<TransactionResult> result) {
  --committing_;
  durable_ = ticket;
  if (!result && !failure_) failure_ = result.error();
  if (result && !result->succeeded && !failure_) {
    failure_ = MakeError("another scheduler has written to the store");
  }
  const Result<void> outcome = failure_ ? Result<void>(*failure_) : Result<void>();
  while (!waiting_.empty() && waiting_.front().ticket <= ticket) {
    const auto then = std::move(waiting_.front().then);
    waiting_.pop_front();
    then(outcome);
  }
  if (!failure_ || committing_ > 0 || !on_failure) return;
  const Error why = *failure_;  // Begin forgets it
  on_failure(why);
}

}  // namespace berth::scheduler
