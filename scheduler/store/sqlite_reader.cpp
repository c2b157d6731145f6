#include "scheduler/store/sqlite_reader.h"

#include <limits>

#include "scheduler/store/sqlite_range.h"

namespace berth::scheduler {
namespace {

constexpr const char* kRange = R"sql(
SELECT current.key, value, current.create_revision, current.position, current.version,
  current.lease
FROM current JOIN log USING (position)
WHERE current.key >= ?1 AND current.key < ?2
ORDER BY current.key LIMIT ?3
)sql";

// The keys that have not changed since, and of those that have what they were before the first of
// their changes (beside min(), SQLite's plain columns are of the same row). A change that made a
// key has nothing before it, and joins with nothing.
constexpr const char* kRangeAsOf = R"sql(
SELECT current.key, value, current.create_revision, current.position, current.version,
  current.lease
FROM current JOIN log USING (position)
WHERE current.key >= ?1 AND current.key < ?2 AND current.position < ?4
UNION ALL
SELECT old.key, old.value, old.create_revision, old.position, old.version, old.lease
FROM (SELECT previous, min(position) FROM log
      WHERE position >= ?4 AND key >= ?1 AND key < ?2 GROUP BY key) AS changed
JOIN log AS old ON old.position = changed.previous
ORDER BY 1 LIMIT ?3
)sql";

// What a watch gets at once, and so what is in memory for it: as much as fits, but at least the
// changes of one revision.
constexpr size_t kMaxEvents = 1'000;
constexpr size_t kMaxEventBytes = 1 << 20;

// More are opened when more read at the same time, and closed again.
constexpr size_t kIdleReaders = 4;

KeyValue ReadKeyValue(StatementUse& row) {
  return {.key = row->Bytes(0),
          .value = row->Bytes(1),
          .create_revision = row->Integer(2),
          .mod_revision = RevisionOf(row->Integer(3)),
          .version = row->Integer(4),
          .lease = row->Integer(5)};
}

Event ReadEvent(StatementUse& row) {
  if (row->IsNull(1)) {
    return {.kind = Event::Kind::kDelete,
            .now = {.key = row->Bytes(0), .mod_revision = RevisionOf(row->Integer(3))}};
  }
  return {.kind = Event::Kind::kPut, .now = ReadKeyValue(row)};
}

Error Compacted(Revision wanted, Revision kept) {
  return Error(fmt::format("revision {} is no longer kept, the oldest is {}", wanted, kept),
               kCompacted);
}

}  // namespace

struct SqliteReader::Statements {
  Statement bounds;
  Statement range;
  Statement range_as_of;
  Statement log;
};

Result<SqliteReader> SqliteReader::Open(const std::string& path) {
  Database database = TRY(OpenStoreFileForReading(path));
  auto statements = std::make_shared<Statements>();
  statements->bounds =
      TRY(database.Prepare("SELECT compacted, (SELECT max(position) FROM log) FROM state"));
  statements->range = TRY(database.Prepare(kRange));
  statements->range_as_of = TRY(database.Prepare(kRangeAsOf));
  statements->log =
      TRY(database.Prepare("SELECT key, value, create_revision, position, version, lease "
                           "FROM log WHERE position >= ? ORDER BY position"));
  return SqliteReader(std::move(database), std::move(statements));
}

Result<SqliteReader::Bounds> SqliteReader::ReadBounds() {
  StatementUse bounds(statements_->bounds);
  TRY(bounds->Step());
  return Bounds{.compacted = bounds->Integer(0),
                .last = bounds->IsNull(1) ? kFirstRevision : RevisionOf(bounds->Integer(1))};
}

Result<RangeResult> SqliteReader::Range(const RangeRequest& request) {
  return database_.Snapshot([&]() -> Result<RangeResult> {
    const Bounds bounds = TRY(ReadBounds());
    if (request.revision < 0 || request.revision > bounds.last) {
      return Error(
          fmt::format("there is no revision {}, the last is {}", request.revision, bounds.last),
          EINVAL);
    }
    const bool as_of = request.revision != 0 && request.revision != bounds.last;
    if (as_of && request.revision < bounds.compacted) {
      return Compacted(request.revision, bounds.compacted);
    }
    const SqliteRange range(request.range);
    // One more than asked for tells whether there is more; none at all is SQLite's -1.
    const bool limited =
        request.limit != 0 && request.limit < size_t{std::numeric_limits<int64_t>::max()};
    StatementUse rows(as_of ? statements_->range_as_of : statements_->range);
    rows->BindBytes(range.first).BindBytes(range.last);
    rows->Bind(limited ? static_cast<int64_t>(request.limit) + 1 : -1);
    if (as_of) rows->Bind(FirstPosition(request.revision + 1));
    RangeResult result = {.revision = bounds.last};
    while (TRY(rows->Step())) {
      if (limited && result.found.size() == request.limit) {
        result.more = true;
        break;
      }
      result.found.push_back(ReadKeyValue(rows));
    }
    return result;
  });
}

Result<LogPart> SqliteReader::ReadLog(Revision from) {
  return database_.Snapshot([&]() -> Result<LogPart> {
    const Bounds bounds = TRY(ReadBounds());
    if (from < bounds.compacted) return Compacted(from, bounds.compacted);
    LogPart part = {.last = bounds.last};
    size_t events = 0;
    size_t bytes = 0;
    StatementUse rows(statements_->log);
    rows->Bind(FirstPosition(from));
    while (TRY(rows->Step())) {
      Event event = ReadEvent(rows);
      const Revision revision = event.now.mod_revision;
      if (part.batches.empty() || part.batches.back().revision != revision) {
        if (events >= kMaxEvents || bytes >= kMaxEventBytes) {
          part.last = part.batches.back().revision;
          break;
        }
        part.batches.push_back({.revision = revision, .events = {}});
      }
      ++events;
      bytes += event.now.key.size() + event.now.value.size();
      part.batches.back().events.push_back(std::move(event));
    }
    return part;
  });
}

Result<std::vector<SqliteReader::Lease>> SqliteReader::ReadLeases() {
  Statement rows = TRY(database_.Prepare("SELECT id, ttl FROM lease"));
  std::vector<Lease> leases;
  while (TRY(rows.Step())) {
    leases.push_back({.id = rows.Integer(0), .ttl = std::chrono::seconds(rows.Integer(1))});
  }
  return leases;
}

Result<SqliteReader> SqliteReaders::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      SqliteReader reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return SqliteReader::Open(path_);
}

Result<RangeResult> SqliteReaders::Range(const RangeRequest& request) {
  SqliteReader reader = TRY(Take());
  Result<RangeResult> result = reader.Range(request);
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleReaders) idle_.push_back(std::move(reader));
  return result;
}

}  // namespace berth::scheduler
