#include "scheduler/store/sqlite_apply.h"

namespace berth::scheduler {
namespace {

using Kind = Operation::Kind;

template <typename T>
bool Related(const T& found, Compare::Relation relation, const T& wanted) {
  switch (relation) {
    case Compare::Relation::kEqual:
      return found == wanted;
    case Compare::Relation::kNotEqual:
      return found != wanted;
    case Compare::Relation::kLess:
      return found < wanted;
    case Compare::Relation::kGreater:
      return found > wanted;
  }
  return false;
}

int64_t NumberOf(const CurrentRow& row, Compare::Target target) {
  switch (target) {
    case Compare::Target::kVersion:
      return row.version;
    case Compare::Target::kCreateRevision:
      return row.create_revision;
    case Compare::Target::kModRevision:
      return RevisionOf(row.position);
    case Compare::Target::kLease:
      return row.lease;
    case Compare::Target::kValue:
      break;
  }
  return 0;
}

Error NoSuchLease(LeaseId lease) {
  return Error(fmt::format("lease {:x} does not exist, or has ended", lease), ENOENT);
}

}  // namespace

Result<SqliteApplier> SqliteApplier::Open(Database& database) {
  SqliteTables tables = TRY(SqliteTables::Prepare(database));
  const Revision revision = TRY(tables.LastRevision());
  return SqliteApplier(std::move(tables), revision);
}

Result<TransactionResult> SqliteApplier::Apply(const Transaction& transaction) {
  changes_ = 0;
  TransactionResult result = {.succeeded = true};
  for (const Compare& compare : transaction.compares) {
    result.succeeded = result.succeeded && TRY(Holds(compare));
  }
  const auto& branch = result.succeeded ? transaction.then : transaction.otherwise;
  result.results.reserve(branch.size());
  for (const Operation& operation : branch) result.results.push_back(TRY(Run(operation)));
  return Finish(std::move(result));
}

Result<bool> SqliteApplier::Holds(const Compare& compare) {
  const auto found = TRY(tables_.Find(compare.key));
  if (compare.target != Compare::Target::kValue) {
    return Related(NumberOf(found.value_or(CurrentRow{}), compare.target), compare.relation,
                   compare.number);
  }
  if (!found) return false;
  return Related(TRY(tables_.ValueAt(found->position)), compare.relation, compare.value);
}

Result<OperationResult> SqliteApplier::Run(const Operation& operation) {
  OperationResult result;
  switch (operation.kind) {
    case Kind::kPut:
      TRY(Put(operation));
      break;
    case Kind::kDelete:
      result.deleted = TRY(DeleteAll(TRY(tables_.FindAll(operation.range))));
      break;
    case Kind::kRange:
      result.found = TRY(Read(operation.range));
      break;
  }
  return result;
}

Result<void> SqliteApplier::Put(const Operation& operation) {
  if (operation.lease != 0 && !TRY(tables_.HasLease(operation.lease))) {
    return NoSuchLease(operation.lease);
  }
  const auto before = TRY(tables_.Find(operation.range.first));
  const Position position = TRY(NextPosition());
  const CurrentRow now = {
      .key = operation.range.first,
      .position = position,
      .create_revision = before ? before->create_revision : RevisionOf(position),
      .version = before ? before->version + 1 : 1,
      .lease = operation.lease};
  return tables_.Put(now, operation.value, before ? before->position : 0);
}

Result<int64_t> SqliteApplier::DeleteAll(const std::vector<CurrentRow>& rows) {
  for (const CurrentRow& row : rows) TRY(tables_.Delete(row, TRY(NextPosition())));
  return static_cast<int64_t>(rows.size());
}

Result<std::vector<KeyValue>> SqliteApplier::Read(const KeyRange& range) {
  std::vector<KeyValue> found;
  for (CurrentRow& row : TRY(tables_.FindAll(range))) {
    std::string value = TRY(tables_.ValueAt(row.position));
    found.push_back({.key = std::move(row.key),
                     .value = std::move(value),
                     .create_revision = row.create_revision,
                     .mod_revision = RevisionOf(row.position),
                     .version = row.version,
                     .lease = row.lease});
  }
  return found;
}

Result<Position> SqliteApplier::NextPosition() {
  if (changes_ == kMaxChanges) {
    return Error(fmt::format("a transaction changes more than {} keys", kMaxChanges), EINVAL);
  }
  return FirstPosition(revision_ + 1) + changes_++;
}

TransactionResult SqliteApplier::Finish(TransactionResult result) {
  if (changes_ > 0) ++revision_;
  changes_ = 0;
  result.revision = revision_;
  return result;
}

Result<TransactionResult> SqliteApplier::AddLease(LeaseId lease, std::chrono::seconds ttl) {
  TRY(tables_.AddLease(lease, ttl.count()));
  return TransactionResult{.succeeded = true, .revision = revision_};
}

Result<TransactionResult> SqliteApplier::RemoveLease(LeaseId lease) {
  if (!TRY(tables_.HasLease(lease))) return NoSuchLease(lease);
  changes_ = 0;
  TRY(DeleteAll(TRY(tables_.FindLeased(lease))));
  TRY(tables_.RemoveLease(lease));
  return Finish({.succeeded = true});
}

Result<TransactionResult> SqliteApplier::Compact(Revision revision) {
  if (revision > revision_) {
    return Error(fmt::format("revision {} is still to come, the last is {}", revision, revision_),
                 EINVAL);
  }
  if (revision > TRY(tables_.Compacted())) TRY(tables_.SetCompacted(revision));
  return TransactionResult{.succeeded = true, .revision = revision_};
}

}  // namespace berth::scheduler
