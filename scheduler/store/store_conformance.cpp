#include "scheduler/store/store_conformance.h"

namespace berth::scheduler {

using namespace std::chrono_literals;

// Engines that this program does not name are none.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreConformance);

void StoreConformance::SetUp() {
  place_ = GetParam().make_place();
  Reopen();
}

void StoreConformance::Reopen() {
  store_.reset();
  auto store = place_->Open();
  ASSERT_TRUE(store) << store.error().message();
  store_ = std::move(*store);
}

TransactionResult StoreConformance::Commit(Transaction transaction) {
  auto result = store_->CommitAndWait(std::move(transaction));
  EXPECT_TRUE(result) << result.error().message();
  return std::move(result).ValueOr({});
}

int StoreConformance::CommitError(Transaction transaction) {
  const auto result = store_->CommitAndWait(std::move(transaction));
  return result ? 0 : result.error().code();
}

Revision StoreConformance::Put(const std::string& key, const std::string& value, LeaseId lease) {
  return Commit({.then = {Operation::Put(key, value, lease)}}).revision;
}

Revision StoreConformance::Delete(KeyRange range) {
  return Commit({.then = {Operation::Delete(std::move(range))}}).revision;
}

KeyValue StoreConformance::Get(const std::string& key) {
  const auto result = store_->Range({.range = KeyRange::One(key)});
  EXPECT_TRUE(result) << result.error().message();
  if (!result || result->found.size() != 1) {
    ADD_FAILURE() << key << " is not there";
    return {};
  }
  return result->found.front();
}

bool StoreConformance::IsThere(const std::string& key) {
  return !KeysIn(KeyRange::One(key)).empty();
}

std::vector<std::string> StoreConformance::KeysIn(const KeyRange& range) {
  const auto result = store_->Range({.range = range});
  EXPECT_TRUE(result) << result.error().message();
  std::vector<std::string> keys;
  for (const KeyValue& entry : result->found) keys.push_back(entry.key);
  return keys;
}

Revision StoreConformance::Now() {
  const auto result = store_->Range({.range = KeyRange::One("no-such-key")});
  EXPECT_TRUE(result) << result.error().message();
  return result->revision;
}

Store::OnEvents Told::Handler() {
  return [this](Result<EventBatch> batch) {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(error_) << "an error is the last call";
    if (batch) {
      batches_.push_back(std::move(*batch));
    } else {
      error_ = batch.error();
    }
    told_.notify_all();
  };
}

std::vector<EventBatch> Told::WaitFor(size_t batches) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(told_.wait_for(lock, 10s, [&] { return batches_.size() >= batches || error_; }))
      << batches_.size() << " of " << batches << " batches came";
  EXPECT_FALSE(error_) << error_->message();
  return batches_;
}

int Told::WaitForError() {
  std::unique_lock lock(mutex_);
  told_.wait_for(lock, 10s, [&] { return error_.has_value(); });
  return error_ ? error_->code() : -1;
}

size_t Told::batches() {
  const std::lock_guard lock(mutex_);
  return batches_.size();
}

}  // namespace berth::scheduler
