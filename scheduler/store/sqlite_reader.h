// SqliteReader: a connection that only reads; what it reads at once is of one moment, and durable.
#pragma once

#include <mutex>

#include "scheduler/store/sqlite_schema.h"
#include "scheduler/store/watch_hub.h"

namespace berth::scheduler {

/// Belongs to one thread at a time.
class SqliteReader {
 public:
  static Result<SqliteReader> Open(const std::string& path);

  /// Errors: kCompacted, or EINVAL for a revision to come.
  Result<RangeResult> Range(const RangeRequest& request);

  struct Lease {
    LeaseId id = 0;
    std::chrono::seconds ttl{0};
  };
  Result<std::vector<Lease>> ReadLeases();

  /// The changes from revision `from` on, of whole revisions. Errors: kCompacted.
  Result<LogPart> ReadLog(Revision from);

 private:
  struct Statements;
  SqliteReader(Database database, std::shared_ptr<Statements> statements)
      : database_(std::move(database)), statements_(std::move(statements)) {}

  struct Bounds {
    Revision compacted = 0;
    Revision last = 0;
  };
  Result<Bounds> ReadBounds();

  Database database_;
  std::shared_ptr<Statements> statements_;
};

/// Readers for whoever comes, from any thread.
class SqliteReaders {
 public:
  explicit SqliteReaders(std::string path) : path_(std::move(path)) {}

  Result<RangeResult> Range(const RangeRequest& request);

 private:
  Result<SqliteReader> Take();

  std::string path_;
  std::mutex mutex_;
  std::vector<SqliteReader> idle_;
};

}  // namespace berth::scheduler
