#include "scheduler/store/validate.h"

#include <algorithm>

namespace berth::scheduler {
namespace {

using Kind = Operation::Kind;

template <typename... Args>
Error Invalid(fmt::format_string<Args...> text, Args&&... args) {
  return Error(fmt::format(text, std::forward<Args>(args)...), EINVAL);
}

Result<void> ValidateKey(const std::string& key) {
  if (key.empty()) return Invalid("a key is empty");
  if (key.size() > kMaxKeySize) {
    return Invalid("key {}... has {} bytes, at most {} are possible", key.substr(0, 64), key.size(),
                   kMaxKeySize);
  }
  return {};
}

Result<void> ValidateValue(const std::string& key, const std::string& value) {
  if (value.size() <= kMaxValueSize) return {};
  return Invalid("the value of key {} has {} bytes, at most {} are possible", key, value.size(),
                 kMaxValueSize);
}

/// No key twice, none in a range that is deleted.
Result<void> ValidateChanges(const std::vector<Operation>& branch) {
  std::vector<std::string_view> puts;
  for (const Operation& operation : branch) {
    if (operation.kind == Kind::kPut) puts.push_back(operation.range.first);
  }
  std::sort(puts.begin(), puts.end());
  const auto twice = std::adjacent_find(puts.begin(), puts.end());
  if (twice != puts.end()) return Invalid("key {} is put twice in one transaction", *twice);
  for (const Operation& operation : branch) {
    if (operation.kind != Kind::kDelete) continue;
    const auto next = std::lower_bound(puts.begin(), puts.end(), operation.range.first);
    if (next != puts.end() && operation.range.Contains(*next)) {
      return Invalid("key {} is both put and deleted in one transaction", *next);
    }
  }
  return {};
}

Result<void> ValidateBranch(const std::vector<Operation>& branch) {
  if (branch.size() > kMaxOperations) {
    return Invalid("a transaction has {} operations, at most {} are possible", branch.size(),
                   kMaxOperations);
  }
  for (const Operation& operation : branch) {
    TRY(Validate(operation.range));
    if (operation.kind != Kind::kPut) continue;
    if (!operation.range.last.empty()) {
      return Invalid("a range is put, from key {}", operation.range.first);
    }
    TRY(ValidateValue(operation.range.first, operation.value));
  }
  return ValidateChanges(branch);
}

size_t SizeOf(const std::vector<Operation>& branch) {
  size_t size = 0;
  for (const Operation& operation : branch) {
    size += operation.range.first.size() + operation.range.last.size() + operation.value.size();
  }
  return size;
}

}  // namespace

Result<void> Validate(const KeyRange& range) {
  TRY(ValidateKey(range.first));
  return range.last.empty() ? Result<void>() : ValidateKey(range.last);
}

Result<void> Validate(const Transaction& transaction) {
  if (transaction.compares.size() > kMaxOperations) {
    return Invalid("a transaction has {} comparisons, at most {} are possible",
                   transaction.compares.size(), kMaxOperations);
  }
  size_t size = SizeOf(transaction.then) + SizeOf(transaction.otherwise);
  for (const Compare& compare : transaction.compares) {
    TRY(ValidateKey(compare.key));
    TRY(ValidateValue(compare.key, compare.value));
    size += compare.key.size() + compare.value.size();
  }
  if (size > kMaxTransactionSize) {
    return Invalid("a transaction has {} bytes, at most {} are possible", size,
                   kMaxTransactionSize);
  }
  TRY(ValidateBranch(transaction.then));
  return ValidateBranch(transaction.otherwise);
}

}  // namespace berth::scheduler
