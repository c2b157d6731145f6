// SqliteApplier: carries out transactions, one after the other, within the writer's batch.
#pragma once

#include "scheduler/store/sqlite_tables.h"

namespace berth::scheduler {

/// Each call is all or nothing only together with a rollback by the caller, who then also sets the
/// revision back.
class SqliteApplier {
 public:
  static Result<SqliteApplier> Open(Database& database);

  /// Of the last transaction that was carried out.
  Revision revision() const { return revision_; }
  void set_revision(Revision revision) { revision_ = revision; }

  Result<TransactionResult> Apply(const Transaction& transaction);
  Result<TransactionResult> AddLease(LeaseId lease, std::chrono::seconds ttl);
  /// Deletes its keys with it.
  Result<TransactionResult> RemoveLease(LeaseId lease);
  Result<TransactionResult> Compact(Revision revision);
  Result<bool> Sweep(int64_t limit) { return tables_.Sweep(limit); }

 private:
  SqliteApplier(SqliteTables tables, Revision revision)
      : tables_(std::move(tables)), revision_(revision) {}

  Result<bool> Holds(const Compare& compare);
  Result<OperationResult> Run(const Operation& operation);
  Result<void> Put(const Operation& operation);
  Result<int64_t> DeleteAll(const std::vector<CurrentRow>& rows);
  Result<std::vector<KeyValue>> Read(const KeyRange& range);
  Result<Position> NextPosition();
  /// Gives the changes since the last call their revision, if there were any.
  TransactionResult Finish(TransactionResult result);

  SqliteTables tables_;
  Revision revision_;
  int64_t changes_ = 0;  // of the transaction under way
};

}  // namespace berth::scheduler
