#include "agent/state/schema.h"

namespace berth::agent {
namespace {

// Each step leads from the version of its place in the list to the next, the first from nothing.
constexpr const char* kSchemaSteps[] = {
    R"sql(
CREATE TABLE tasks (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  phase INTEGER NOT NULL,
  owner_pid INTEGER NOT NULL,
  owner_start INTEGER NOT NULL,
  definition TEXT NOT NULL,
  cpu INTEGER NOT NULL,
  memory INTEGER NOT NULL,
  stop_reason TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE TABLE addresses (
  subnet TEXT NOT NULL,
  address INTEGER NOT NULL,
  task TEXT,
  attachment TEXT NOT NULL,
  released INTEGER,
  PRIMARY KEY (subnet, address)
) STRICT;
CREATE TABLE cursors (subnet TEXT PRIMARY KEY, last_given INTEGER NOT NULL) STRICT;
CREATE TABLE ports (
  protocol INTEGER NOT NULL,
  host_port INTEGER NOT NULL,
  task TEXT NOT NULL,
  container TEXT NOT NULL,
  container_port INTEGER NOT NULL,
  PRIMARY KEY (protocol, host_port)
) STRICT;
)sql",
    // Addresses as text: of both families.
    R"sql(
ALTER TABLE addresses RENAME TO addresses_by_number;
CREATE TABLE addresses (
  subnet TEXT NOT NULL,
  address TEXT NOT NULL,
  task TEXT,
  attachment TEXT NOT NULL,
  released INTEGER,
  PRIMARY KEY (subnet, address)
) STRICT;
INSERT INTO addresses
  SELECT subnet,
         (address >> 24) || '.' || (address >> 16 & 255) || '.' || (address >> 8 & 255) || '.' ||
         (address & 255),
         task, attachment, released
  FROM addresses_by_number;
DROP TABLE addresses_by_number;
ALTER TABLE cursors RENAME TO cursors_by_number;
CREATE TABLE cursors (
  subnet TEXT NOT NULL,
  family INTEGER NOT NULL,
  last_given TEXT NOT NULL,
  PRIMARY KEY (subnet, family)
) STRICT;
INSERT INTO cursors
  SELECT subnet, 4,
         (last_given >> 24) || '.' || (last_given >> 16 & 255) || '.' ||
         (last_given >> 8 & 255) || '.' || (last_given & 255)
  FROM cursors_by_number;
DROP TABLE cursors_by_number;
)sql",
    // Security groups, and who is in them.
    R"sql(
CREATE TABLE groups (
  id TEXT PRIMARY KEY,
  origin INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE TABLE memberships (
  task TEXT NOT NULL,
  group_id TEXT NOT NULL,
  PRIMARY KEY (task, group_id)
) STRICT;
)sql",
};
constexpr int64_t kSchemaVersion = std::size(kSchemaSteps);

Result<int64_t> VersionOf(Database& database) {
  auto version = TRY(database.Prepare("PRAGMA user_version"));
  TRY(version.Step());
  const int64_t found = version.Integer(0);
  TRY(version.Step());
  return found;
}

}  // namespace

Result<void> BringUpToDate(Database& database) {
  if (TRY(VersionOf(database)) == kSchemaVersion) return {};
  return database.Transaction([&]() -> Result<void> {
    // Asked again: another process may have been first.
    const int64_t found = TRY(VersionOf(database));
    if (found > kSchemaVersion) {
      return MakeError("was written by a later version of Berth (schema {})", found);
    }
    for (int64_t step = found; step < kSchemaVersion; ++step)
      TRY(database.Execute(kSchemaSteps[step]));
    return database.Execute(fmt::format("PRAGMA user_version = {}", kSchemaVersion).c_str());
  });
}

}  // namespace berth::agent
