#include "scheduler/store/sqlite_tables.h"

#include "scheduler/store/sqlite_range.h"

namespace berth::scheduler {

struct SqliteTables::Statements {
  Statement last_position;
  Statement find;
  Statement find_all;
  Statement find_leased;
  Statement value_at;
  Statement put;
  Statement remove;
  Statement append;
  Statement add_lease;
  Statement has_lease;
  Statement remove_lease;
  Statement state;
  Statement set_compacted;
  Statement set_swept;
  Statement to_sweep;
  Statement forget;
};

Result<SqliteTables> SqliteTables::Prepare(Database& db) {
  auto statements = std::make_shared<Statements>();
  statements->last_position = TRY(db.Prepare("SELECT max(position) FROM log"));
  statements->find = TRY(db.Prepare("SELECT * FROM current WHERE key = ?"));
  statements->find_all =
      TRY(db.Prepare("SELECT * FROM current WHERE key >= ? AND key < ? ORDER BY key"));
  statements->find_leased =
      TRY(db.Prepare("SELECT * FROM current WHERE lease = ? AND lease != 0 ORDER BY key"));
  statements->value_at = TRY(db.Prepare("SELECT value FROM log WHERE position = ?"));
  statements->put =
      TRY(db.Prepare("INSERT INTO current VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE "
                     "SET position = excluded.position, version = excluded.version, "
                     "lease = excluded.lease"));
  statements->remove = TRY(db.Prepare("DELETE FROM current WHERE key = ?"));
  statements->append = TRY(db.Prepare("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)"));
  statements->add_lease = TRY(db.Prepare("INSERT INTO lease VALUES (?, ?)"));
  statements->has_lease = TRY(db.Prepare("SELECT 1 FROM lease WHERE id = ?"));
  statements->remove_lease = TRY(db.Prepare("DELETE FROM lease WHERE id = ?"));
  statements->state = TRY(db.Prepare("SELECT compacted, swept FROM state"));
  statements->set_compacted = TRY(db.Prepare("UPDATE state SET compacted = ?"));
  statements->set_swept = TRY(db.Prepare("UPDATE state SET swept = ?"));
  statements->to_sweep =
      TRY(db.Prepare("SELECT position, previous, value IS NULL FROM log "
                     "WHERE position > ? AND position < ? ORDER BY position LIMIT ?"));
  statements->forget = TRY(db.Prepare("DELETE FROM log WHERE position = ?"));
  return SqliteTables(std::move(statements));
}

namespace {

CurrentRow ReadRow(StatementUse& row) {
  return {.key = row->Bytes(0),
          .position = row->Integer(1),
          .create_revision = row->Integer(2),
          .version = row->Integer(3),
          .lease = row->Integer(4)};
}

Result<std::vector<CurrentRow>> ReadRows(StatementUse& rows) {
  std::vector<CurrentRow> all;
  while (TRY(rows->Step())) all.push_back(ReadRow(rows));
  return all;
}

}  // namespace

Result<Revision> SqliteTables::LastRevision() {
  StatementUse last(statements_->last_position);
  TRY(last->Step());
  return last->IsNull(0) ? kFirstRevision : RevisionOf(last->Integer(0));
}

Result<std::optional<CurrentRow>> SqliteTables::Find(std::string_view key) {
  StatementUse find(statements_->find);
  find->BindBytes(key);
  if (!TRY(find->Step())) return std::optional<CurrentRow>();
  return std::optional<CurrentRow>(ReadRow(find));
}

Result<std::vector<CurrentRow>> SqliteTables::FindAll(const KeyRange& range) {
  StatementUse find(statements_->find_all);
  const SqliteRange bounds(range);
  find->BindBytes(bounds.first).BindBytes(bounds.last);
  return ReadRows(find);
}

Result<std::vector<CurrentRow>> SqliteTables::FindLeased(LeaseId lease) {
  StatementUse find(statements_->find_leased);
  find->Bind(lease);
  return ReadRows(find);
}

Result<std::string> SqliteTables::ValueAt(Position position) {
  StatementUse value(statements_->value_at);
  value->Bind(position);
  TRY(value->Step());
  return value->Bytes(0);
}

Result<void> SqliteTables::Put(const CurrentRow& now, std::string_view value, Position previous) {
  StatementUse put(statements_->put);
  put->BindBytes(now.key).Bind(now.position).Bind(now.create_revision).Bind(now.version);
  TRY(put->Bind(now.lease).Run());
  return Append(now, value, previous);
}

Result<void> SqliteTables::Delete(const CurrentRow& last, Position position) {
  StatementUse remove(statements_->remove);
  TRY(remove->BindBytes(last.key).Run());
  return Append({.key = last.key, .position = position}, std::nullopt, last.position);
}

Result<void> SqliteTables::Append(const CurrentRow& row, std::optional<std::string_view> value,
                                  Position previous) {
  StatementUse append(statements_->append);
  append->Bind(row.position).BindBytes(row.key).Bind(row.create_revision).Bind(row.version);
  append->Bind(row.lease).Bind(previous);
  if (value) return append->BindBytes(*value).Run();
  return append->Bind(std::optional<int64_t>()).Run();
}

Result<void> SqliteTables::AddLease(LeaseId lease, int64_t ttl_seconds) {
  StatementUse add(statements_->add_lease);
  return add->Bind(lease).Bind(ttl_seconds).Run();
}

Result<bool> SqliteTables::HasLease(LeaseId lease) {
  StatementUse has(statements_->has_lease);
  return has->Bind(lease).Step();
}

Result<void> SqliteTables::RemoveLease(LeaseId lease) {
  StatementUse remove(statements_->remove_lease);
  return remove->Bind(lease).Run();
}

Result<Revision> SqliteTables::Compacted() {
  StatementUse state(statements_->state);
  TRY(state->Step());
  return state->Integer(0);
}

Result<void> SqliteTables::SetCompacted(Revision revision) {
  StatementUse set(statements_->set_compacted);
  return set->Bind(revision).Run();
}

Result<bool> SqliteTables::Sweep(int64_t limit) {
  std::vector<Position> obsolete;
  Position swept = 0;
  int64_t seen = 0;
  {
    StatementUse state(statements_->state);
    TRY(state->Step());
    swept = state->Integer(1);
    StatementUse rows(statements_->to_sweep);
    rows->Bind(swept).Bind(FirstPosition(state->Integer(0))).Bind(limit);
    for (; TRY(rows->Step()); ++seen) {
      swept = rows->Integer(0);
      if (rows->Integer(1) != 0) obsolete.push_back(rows->Integer(1));
      if (rows->Integer(2) != 0) obsolete.push_back(swept);  // gone, and nothing is left to tell
    }
  }
  if (seen == 0) return false;
  for (const Position position : obsolete) {
    StatementUse forget(statements_->forget);
    TRY(forget->Bind(position).Run());
  }
  StatementUse set(statements_->set_swept);
  TRY(set->Bind(swept).Run());
  return seen == limit;
}

}  // namespace berth::scheduler
