// Database: SQLite as this agent uses it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace berth::agent {

/// One SQL statement with its parameters. Parameters are bound in order, columns read in order.
class Statement {
 public:
  Statement& Bind(int64_t value);
  Statement& Bind(std::string_view value);
  Statement& Bind(const std::optional<int64_t>& value);

  /// Goes to the next row; false when there is none.
  Result<bool> Step();
  /// Runs a statement that has no rows.
  Result<void> Run();

  int64_t Integer(int column) const;
  std::string Text(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int next_parameter_ = 1;
};

/// What a commit survives.
enum class Durability {
  kCrash,     // the death of any process
  kPowerCut,  // that of the machine, too: synced before it returns
};

/// A database file that several processes may use at once, by a write-ahead log
/// (sqlite.org/wal.html). Waits up to 10 s for another process's transaction.
class Database {
 public:
  static Result<Database> Open(const std::string& path);

  Result<Statement> Prepare(std::string_view sql);
  /// One or several statements without parameters.
  Result<void> Execute(const std::string& sql);

  /// For the transactions from now on; kCrash at first.
  Result<void> SetDurability(Durability durability);

  /// Runs `work` (a callable that returns a Result) as one write transaction: all of it or, if it
  /// fails, none.
  template <typename Work>
  auto Transaction(Work&& work) -> decltype(work()) {
    TRY(Execute("BEGIN IMMEDIATE"));
    auto outcome = work();
    if (!outcome) {
      (void)Execute("ROLLBACK").has_value();
      return outcome;
    }
    TRY(Execute("COMMIT"));
    return outcome;
  }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3, Close> handle_;
};

}  // namespace berth::agent
