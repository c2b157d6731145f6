#include "scheduler/store/sqlite_schema.h"

#include "base/sys.h"

namespace berth::scheduler {
namespace {

constexpr int64_t kVersion = 1;
constexpr int64_t kApplicationId = 0x42727468;  // "Brth", shown by file(1)

// `log` has every change there was since the compaction, and those before it that still count. It
// alone has the values, each written once, at its end. `current` leads from a key to the change
// that made it what it is: small rows, so that putting a key rewrites little.
//
// `previous` of a change is the one before it of the same key, 0 if the key was not there. From it
// the state at an old revision is worked out, and what compaction has to forget; so the log needs
// no index by key.
//
// `log` has a rowid since its rows are big: without, those above 1,000 bytes would take a page each
// (sqlite.org/withoutrowid.html).
constexpr const char* kSchema = R"sql(
CREATE TABLE current (
  key BLOB PRIMARY KEY,
  position INTEGER NOT NULL,
  create_revision INTEGER NOT NULL,
  version INTEGER NOT NULL,
  lease INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX leased ON current (lease, key) WHERE lease != 0;
CREATE TABLE log (
  position INTEGER PRIMARY KEY,
  key BLOB NOT NULL,
  create_revision INTEGER NOT NULL,
  version INTEGER NOT NULL,
  lease INTEGER NOT NULL,
  previous INTEGER NOT NULL,
  value BLOB
) STRICT;
CREATE TABLE lease (id INTEGER PRIMARY KEY, ttl INTEGER NOT NULL) STRICT;
CREATE TABLE state (
  compacted INTEGER NOT NULL,
  swept INTEGER NOT NULL,
  failed_commits INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (0, 0, 0);
)sql";

Result<int64_t> Number(Database& database, const char* sql) {
  Statement statement = TRY(database.Prepare(sql));
  TRY(statement.Step());
  return statement.Integer(0);
}

Result<void> CheckSchema(Database& database) {
  const int64_t application = TRY(Number(database, "PRAGMA application_id"));
  const int64_t version = TRY(Number(database, "PRAGMA user_version"));
  if (application == kApplicationId && version == kVersion) return {};
  if (application == kApplicationId && version > kVersion) {
    return MakeError(
        "written by a later version of Berth (schema {}, this version knows {}): run that version",
        version, kVersion);
  }
  if (TRY(Number(database, "SELECT count(*) FROM sqlite_schema")) > 0) {
    return MakeError("not a store of Berth's scheduler but another program's database");
  }
  return database.Transaction([&] {
    return database.Execute(fmt::format("{} PRAGMA application_id={}; PRAGMA user_version={}",
                                        kSchema, kApplicationId, kVersion));
  });
}

Result<Database> Open(const std::string& path) {
  Database database = TRY(Database::Open(path));
  // Debian's SQLite overwrites all that is deleted, which reads and writes pages for it alone. FAST
  // does where the page is written anyway.
  TRY(database.Execute("PRAGMA secure_delete=FAST; PRAGMA temp_store=MEMORY"));
  return database;
}

}  // namespace

Result<Database> OpenStoreFile(const std::string& path) {
  // Keys of agents and users are in it. The log beside it gets the same mode from SQLite.
  TRY(sys::Open(path, O_RDWR | O_CREAT, 0600));
  Database database = TRY(Open(path));
  TRY(CheckSchema(database).Context("{}", path));
  TRY(database.SetDurability(Durability::kPowerCut));
  // The write-ahead log is overwritten from its start once all of it is in the file. That is the
  // caretaker's work; only if it does not keep up for 64 MiB, the writer stops and does it. The log
  // keeps that size: to overwrite is quicker than to grow.
  TRY(
      database.Execute("PRAGMA wal_autocheckpoint=16384; PRAGMA journal_size_limit=67108864;"
                       "PRAGMA cache_size=-16384"));
  return database;
}

Result<Database> OpenStoreFileForReading(const std::string& path) {
  Database database = TRY(Open(path));
  TRY(database.Execute("PRAGMA query_only=ON; PRAGMA wal_autocheckpoint=0"));
  return database;
}

}  // namespace berth::scheduler
