// Database: SQLite as Berth uses it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace berth {

/// One SQL statement with its parameters. Parameters are bound in order, columns read in order.
class Statement {
 public:
  /// None yet: one that Database::Prepare makes takes its place.
  Statement() = default;

  Statement& Bind(int64_t value);
  Statement& Bind(std::string_view value);
  Statement& Bind(const std::optional<int64_t>& value);
  /// As a BLOB: any bytes, compared as unsigned numbers.
  Statement& BindBytes(std::string_view value);

  /// Goes to the next row; false when there is none.
  Result<bool> Step();
  /// Runs a statement that has no rows.
  Result<void> Run();
  /// Lets go of the rows and starts binding anew. Until then a statement that has not come to its
  /// last row keeps its transaction open.
  void Reset();

  int64_t Integer(int column) const;
  std::string Text(int column) const;
  std::string Bytes(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int next_parameter_ = 1;
};

/// One use of a statement that is kept: the next one finds it ready.
class StatementUse {
 public:
  explicit StatementUse(Statement& statement) : statement_(statement) {}
  StatementUse(const StatementUse&) = delete;
  StatementUse& operator=(const StatementUse&) = delete;
  ~StatementUse() { statement_.Reset(); }

  Statement* operator->() { return &statement_; }

 private:
  Statement& statement_;
};

/// What a commit survives.
enum class Durability {
  kCrash,     // the death of any process
  kPowerCut,  // that of the machine, too: synced before it returns
};

/// A database file that several processes may use at once, by a write-ahead log
/// (sqlite.org/wal.html). Waits up to 10 s for another process's transaction. Each connection
/// belongs to one thread at a time.
///
/// Errors have the kernel's reason as their code: ENOSPC for a full disk, EIO, EACCES, ...
class Database {
 public:
  static Result<Database> Open(const std::string& path);

  Result<Statement> Prepare(std::string_view sql);
  /// One or several statements without parameters.
  Result<void> Execute(const std::string& sql);

  /// For the transactions from now on; kCrash at first.
  Result<void> SetDurability(Durability durability);

  /// Runs `work` (a callable that returns a Result) as one write transaction: all of it or, if it
  /// or the commit fails, none.
  template <typename Work>
  auto Transaction(Work&& work) -> decltype(work()) {
    return Within("BEGIN IMMEDIATE", std::forward<Work>(work));
  }

  /// The same by a connection that is kCrash otherwise: a power cut does not take it back.
  template <typename Work>
  auto DurableTransaction(Work&& work) -> decltype(work()) {
    TRY(SetDurability(Durability::kPowerCut));
    auto outcome = Transaction(std::forward<Work>(work));
    TRY(SetDurability(Durability::kCrash));
    return outcome;
  }

  /// Runs `work`, which only reads: all that it reads is of one moment.
  template <typename Work>
  auto Snapshot(Work&& work) -> decltype(work()) {
    return Within("BEGIN", std::forward<Work>(work));
  }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  Result<void> KeepLog();
  explicit Database(sqlite3* handle) : handle_(handle) {}

  template <typename Work>
  auto Within(const char* begin, Work&& work) -> decltype(work()) {
    TRY(Execute(begin));
    auto outcome = work();
    if (!outcome) {
      (void)Execute("ROLLBACK").has_value();
      return outcome;
    }
    if (Result<void> commit = Execute("COMMIT"); !commit) {
      // Whether SQLite has rolled back by itself depends on the error.
      (void)Execute("ROLLBACK").has_value();
      return std::move(commit).error();
    }
    return outcome;
  }

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace berth
