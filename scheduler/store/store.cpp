#include "scheduler/store/store.h"

#include <future>

namespace berth::scheduler {
namespace {

constexpr std::string_view kNoEnd("\0", 1);

}  // namespace

KeyRange KeyRange::Prefix(std::string_view prefix) {
  // No key is empty, so the least one is a NUL byte.
  if (prefix.empty()) return {std::string(kNoEnd), std::string(kNoEnd)};
  std::string last(prefix);
  while (!last.empty() && last.back() == '\xff') last.pop_back();
  if (last.empty()) return {std::string(prefix), std::string(kNoEnd)};
  last.back() = static_cast<char>(static_cast<unsigned char>(last.back()) + 1);
  return {std::string(prefix), std::move(last)};
}

bool KeyRange::Contains(std::string_view key) const {
  if (last.empty()) return key == first;
  return key >= first && (last == kNoEnd || key < last);
}

Result<TransactionResult> Store::CommitAndWait(Transaction transaction) {
  std::promise<Result<TransactionResult>> promise;
  Commit(std::move(transaction),
         [&promise](Result<TransactionResult> result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

}  // namespace berth::scheduler
