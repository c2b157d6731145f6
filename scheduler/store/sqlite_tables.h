// SqliteTables: what the writer does with the tables, row by row.
#pragma once

#include <optional>

#include "scheduler/store/sqlite_schema.h"

namespace berth::scheduler {

/// A key as it is now.
struct CurrentRow {
  std::string key;
  Position position = 0;
  Revision create_revision = 0;
  int64_t version = 0;
  LeaseId lease = 0;
};

/// The statements that writing takes, prepared once. Errors are the database's.
class SqliteTables {
 public:
  static Result<SqliteTables> Prepare(Database& database);

  Result<Revision> LastRevision();
  Result<std::optional<CurrentRow>> Find(std::string_view key);
  Result<std::vector<CurrentRow>> FindAll(const KeyRange& range);
  Result<std::vector<CurrentRow>> FindLeased(LeaseId lease);
  Result<std::string> ValueAt(Position position);

  /// The key's row is `now`; the change from `previous` with the new value goes to the log.
  Result<void> Put(const CurrentRow& now, std::string_view value, Position previous);
  Result<void> Delete(const CurrentRow& last, Position position);

  Result<void> AddLease(LeaseId lease, int64_t ttl_seconds);
  Result<bool> HasLease(LeaseId lease);
  Result<void> RemoveLease(LeaseId lease);

  Result<Revision> Compacted();
  Result<void> SetCompacted(Revision revision);
  /// Deletes from the log what the next `limit` changes before the compaction have made obsolete;
  /// false when there is nothing left.
  Result<bool> Sweep(int64_t limit);

 private:
  struct Statements;
  explicit SqliteTables(std::shared_ptr<Statements> statements)
      : statements_(std::move(statements)) {}

  Result<void> Append(const CurrentRow& row, std::optional<std::string_view> value,
                      Position previous);

  std::shared_ptr<Statements> statements_;
};

}  // namespace berth::scheduler
