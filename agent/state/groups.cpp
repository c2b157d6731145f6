// The security groups that this host's configuration doesn't have, and which task is in which.
#include "agent/state/state.h"

namespace berth::agent {
namespace {

constexpr const char* kGroupColumns = "id, origin, document";

GroupRecord ReadGroup(const Statement& row) {
  return {.id = row.Text(0),
          .origin = static_cast<GroupOrigin>(row.Integer(1)),
          .document = row.Text(2)};
}

}  // namespace

std::string_view Name(GroupOrigin origin) {
  switch (origin) {
    case GroupOrigin::kOperator:
      return "berth sg create";
    case GroupOrigin::kScheduler:
      return "the scheduler";
    case GroupOrigin::kConfiguration:
      return "the configuration";
  }
  return "";
}

Result<std::vector<GroupRecord>> State::Groups() {
  auto rows =
      TRY(database_.Prepare(fmt::format("SELECT {} FROM groups ORDER BY id", kGroupColumns)));
  std::vector<GroupRecord> groups;
  while (TRY(rows.Step())) groups.push_back(ReadGroup(rows));
  return groups;
}

Result<void> State::PutGroup(const GroupRecord& group) {
  auto known = TRY(database_.Prepare("SELECT origin FROM groups WHERE id = ?"));
  known.Bind(group.id);
  if (TRY(known.Step()) && static_cast<GroupOrigin>(known.Integer(0)) != group.origin) {
    return MakeError("security group {} is another one's already: {}'s", group.id,
                     Name(static_cast<GroupOrigin>(known.Integer(0))));
  }
  auto put = TRY(database_.Prepare("INSERT OR REPLACE INTO groups VALUES (?, ?, ?)"));
  put.Bind(group.id).Bind(static_cast<int64_t>(group.origin));
  return put.Bind(group.document).Run();
}

Result<void> State::DeleteGroup(std::string_view id) {
  auto remove = TRY(database_.Prepare("DELETE FROM groups WHERE id = ?"));
  return remove.Bind(id).Run();
}

Result<std::vector<Membership>> State::Memberships() {
  auto rows = TRY(database_.Prepare(
      "SELECT memberships.group_id, memberships.task, tasks.name FROM memberships "
      "JOIN tasks ON tasks.id = memberships.task ORDER BY group_id, task"));
  std::vector<Membership> memberships;
  while (TRY(rows.Step())) {
    memberships.push_back(
        {.group_id = rows.Text(0), .task_id = rows.Text(1), .task_name = rows.Text(2)});
  }
  return memberships;
}

Result<void> State::Atomically(const std::function<Result<void>()>& work) {
  // Who has been told that a rule is gone can rely on it after a power cut as well.
  return database_.DurableTransaction(work);
}

Result<void> State::JoinGroups(const Wish& wish, const Wish::Interface& interface) {
  for (const GroupRecord& group : interface.groups) {
    if (group.origin == GroupOrigin::kScheduler) TRY(PutGroup(group));
    auto join = TRY(database_.Prepare("INSERT OR IGNORE INTO memberships VALUES (?, ?)"));
    TRY(join.Bind(wish.task.id).Bind(group.id).Run());
  }
  return {};
}

Result<void> State::LeaveGroups(std::string_view task_id) {
  auto leave = TRY(database_.Prepare("DELETE FROM memberships WHERE task = ?"));
  TRY(leave.Bind(task_id).Run());
  // A scheduler sends its groups with each task: without a task here they may be old.
  auto forget = TRY(database_.Prepare(
      "DELETE FROM groups WHERE origin = ? AND id NOT IN (SELECT group_id FROM memberships)"));
  return forget.Bind(static_cast<int64_t>(GroupOrigin::kScheduler)).Run();
}

}  // namespace berth::agent
