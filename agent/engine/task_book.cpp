#include "agent/engine/task_book.h"

#include <algorithm>

#include "base/text.h"
#include "ecs/wire/acs_message.h"

namespace berth::agent::engine {
namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS orders (
  arn TEXT PRIMARY KEY,
  payload TEXT NOT NULL,
  id TEXT NOT NULL,
  secret TEXT NOT NULL,
  stop_wanted INTEGER NOT NULL,
  told INTEGER NOT NULL,
  failure TEXT NOT NULL,
  created INTEGER NOT NULL,
  pull_started INTEGER,
  pull_stopped INTEGER,
  digests TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
PRAGMA user_version = 1;
)sql";

int64_t Number(WallTime time) { return time.time_since_epoch().count(); }
std::optional<int64_t> Number(const std::optional<WallTime>& time) {
  return time ? std::optional(Number(*time)) : std::nullopt;
}
WallTime Time(int64_t number) { return WallTime(std::chrono::nanoseconds(number)); }
std::optional<WallTime> TimeAt(const Statement& row, int column) {
  return row.IsNull(column) ? std::nullopt : std::optional(Time(row.Integer(column)));
}

// Without the secrets: what is launched depends on there being credentials, and on their id.
void KeepName(std::optional<ecs::wire::RoleCredentials>& credentials) {
  if (!credentials) return;
  credentials = ecs::wire::RoleCredentials{.credentialsId = credentials->credentialsId,
                                           .roleArn = credentials->roleArn};
}

// A task as the one task of a payload, which has a form already.
std::string ToPayload(ecs::wire::AcsTask task) {
  KeepName(task.roleCredentials);
  KeepName(task.executionRoleCredentials);
  ecs::wire::PayloadMessage payload;
  payload.tasks.push_back(std::move(task));
  return ecs::wire::FormatAcs(ecs::wire::AcsOrder(std::move(payload)));
}

Result<ecs::wire::AcsTask> FromPayload(std::string_view text) {
  auto order = TRY(ecs::wire::ParseAcsOrder(text));
  auto* payload = std::get_if<ecs::wire::PayloadMessage>(&order);
  if (payload == nullptr || payload->tasks.size() != 1) return MakeError("is no single task");
  return std::move(payload->tasks.front());
}

// "name=digest" lines: neither can hold an equals sign or a line feed.
std::string ToLines(const std::map<std::string, std::string>& digests) {
  std::string lines;
  for (const auto& [name, digest] : digests) lines += fmt::format("{}={}\n", name, digest);
  return lines;
}

std::map<std::string, std::string> FromLines(const std::string& lines) {
  std::map<std::string, std::string> digests;
  for (const std::string& line : Split(lines, '\n')) {
    const size_t equals = line.find('=');
    if (equals != std::string::npos) digests[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return digests;
}

Result<BookedTask> ReadTask(const Statement& row) {
  return BookedTask{.order = TRY(FromPayload(row.Text(1)).Context("task {}", row.Text(0))),
                    .id = row.Text(2),
                    .secret = row.Text(3),
                    .stop_wanted = row.Integer(4) != 0,
                    .told = static_cast<Told>(row.Integer(5)),
                    .failure = row.Text(6),
                    .created = Time(row.Integer(7)),
                    .pull_started = TimeAt(row, 8),
                    .pull_stopped = TimeAt(row, 9),
                    .digests = FromLines(row.Text(10))};
}

}  // namespace

Result<TaskBook> TaskBook::Open(const std::string& path) {
  Database database = TRY(Database::Open(path));
  TRY(database.SetDurability(Durability::kPowerCut));
  int64_t version = 0;
  {
    auto row = TRY(database.Prepare("PRAGMA user_version"));
    TRY(row.Step());
    version = row.Integer(0);
  }
  if (version > 1) {
    return MakeError("{} was written by a later version of Berth (schema {})", path, version);
  }
  if (version == 0) {
    TRY(database.Transaction([&] { return database.Execute(kSchema); }).Context("{}", path));
  }
  return TaskBook(std::move(database));
}

Result<std::vector<BookedTask>> TaskBook::Tasks() {
  std::vector<BookedTask> tasks;
  auto rows = TRY(database_.Prepare("SELECT * FROM orders ORDER BY created, arn"));
  while (TRY(rows.Step())) tasks.push_back(TRY(ReadTask(rows)));
  return tasks;
}

Result<void> TaskBook::Put(const BookedTask& task) {
  return database_.Transaction([&]() -> Result<void> {
    auto insert = TRY(database_.Prepare(
        "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    insert.Bind(task.order.arn).Bind(ToPayload(task.order)).Bind(task.id).Bind(task.secret);
    insert.Bind(int64_t{task.stop_wanted}).Bind(static_cast<int64_t>(task.told));
    insert.Bind(task.failure).Bind(Number(task.created));
    insert.Bind(Number(task.pull_started)).Bind(Number(task.pull_stopped));
    insert.Bind(ToLines(task.digests));
    return insert.Run();
  });
}

Result<void> TaskBook::Erase(std::string_view arn) {
  auto erase = TRY(database_.Prepare("DELETE FROM orders WHERE arn = ?"));
  return erase.Bind(arn).Run();
}

Result<std::optional<std::string>> TaskBook::Fact(std::string_view name) {
  auto row = TRY(database_.Prepare("SELECT value FROM facts WHERE name = ?"));
  row.Bind(name);
  if (!TRY(row.Step())) return std::optional<std::string>();
  return std::optional(row.Text(0));
}

Result<void> TaskBook::SetFact(std::string_view name, std::string_view value) {
  auto put = TRY(database_.Prepare("INSERT OR REPLACE INTO facts VALUES (?, ?)"));
  return put.Bind(name).Bind(value).Run();
}

Result<void> TaskBook::Clear() {
  return database_.Transaction(
      [&] { return database_.Execute("DELETE FROM facts; DELETE FROM orders"); });
}

}  // namespace berth::agent::engine
