#include "agent/state/state.h"

#include <algorithm>

#include "agent/state/schema.h"
#include "base/text.h"

namespace berth::agent {
namespace {

constexpr std::string_view kTaskColumns =
    "id, name, phase, owner_pid, owner_start, definition, cpu, memory, stop_reason, created";

TaskRecord ReadTask(const Statement& row) {
  return {.id = row.Text(0),
          .name = row.Text(1),
          .phase = static_cast<Phase>(row.Integer(2)),
          .owner = {.pid = row.Integer(3), .start_time = row.Integer(4)},
          .definition = row.Text(5),
          .cpu = row.Integer(6),
          .memory = row.Integer(7),
          .stop_reason = row.Text(8),
          .created = WallTime(std::chrono::nanoseconds(row.Integer(9)))};
}

}  // namespace

Result<State> State::Open(const std::string& path) {
  Database database = TRY(Database::Open(path));
  TRY(BringUpToDate(database).Context("{}", path));
  return State(std::move(database));
}

Result<Admission> State::Admit(const Wish& wish) {
  // A task that was taken on is never forgotten. What is written of it later may be lost with the
  // machine: its owner is dead then as well, which says the same.
  return database_.DurableTransaction([&]() -> Result<Admission> {
    TRY(CheckRoom(wish));
    const TaskRecord& task = wish.task;
    auto insert = TRY(database_.Prepare("INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
    insert.Bind(task.id).Bind(task.name).Bind(static_cast<int64_t>(task.phase));
    insert.Bind(task.owner.pid).Bind(task.owner.start_time).Bind(task.definition);
    insert.Bind(task.cpu).Bind(task.memory).Bind(task.stop_reason);
    insert.Bind(static_cast<int64_t>(task.created.time_since_epoch().count()));
    TRY(insert.Run());
    Admission admission;
    for (const Wish::Interface& interface : wish.interfaces) {
      admission.addresses.push_back(TRY(TakeAddresses(wish, interface)));
      TRY(JoinGroups(wish, interface));
    }
    // Fixed ports first, so that a dynamic one never takes what a later mapping names.
    std::vector<PortRecord> ports = wish.ports;
    std::stable_partition(ports.begin(), ports.end(),
                          [](const PortRecord& port) { return port.host_port != 0; });
    for (PortRecord& port : ports) {
      port.task_id = task.id;
      if (port.host_port == 0) port.host_port = TRY(FindPorts(wish, port));
      for (; port.count > 0; --port.count, ++port.host_port, ++port.container_port) {
        PortRecord& taken = admission.ports.emplace_back(port);
        taken.count = 1;
        TRY(TakePort(taken));
      }
    }
    return admission;
  });
}

Result<void> State::CheckRoom(const Wish& wish) {
  auto same_name = TRY(database_.Prepare("SELECT id FROM tasks WHERE name = ?"));
  same_name.Bind(wish.task.name);
  if (TRY(same_name.Step())) {
    return MakeError(
        "there is a task named {} already ({}); choose another --name, or remove it "
        "with: berth rm {}",
        wish.task.name, same_name.Text(0).substr(0, 12), wish.task.name);
  }
  auto sums = TRY(database_.Prepare(
      "SELECT ifnull(sum(cpu), 0), ifnull(sum(memory), 0) FROM tasks WHERE phase != ?"));
  sums.Bind(static_cast<int64_t>(Phase::kEnded));
  TRY(sums.Step());
  const auto check = [](std::string_view name, std::string_view unit, int64_t wanted, int64_t taken,
                        int64_t capacity) -> Result<void> {
    if (wanted == 0 || taken + wanted <= capacity) return {};
    return MakeError(
        "RESOURCE:{}: the task reserves {} {}, the host has {} and {} of them are "
        "reserved by other tasks",
        name, wanted, unit, capacity, taken);
  };
  TRY(check("CPU", "CPU units", wish.task.cpu, sums.Integer(0), wish.capacity.cpu));
  return check("MEMORY", "MiB", wish.task.memory, sums.Integer(1), wish.capacity.memory);
}

Result<uint16_t> State::FindPorts(const Wish& wish, const PortRecord& port) {
  std::set<uint16_t> used;
  auto rows = TRY(database_.Prepare("SELECT host_port FROM ports WHERE protocol = ?"));
  rows.Bind(static_cast<int64_t>(port.protocol));
  while (TRY(rows.Step())) used.insert(static_cast<uint16_t>(rows.Integer(0)));
  // The host itself may use one: only a bind tells, which is not kept for long.
  const auto held =
      TRY(net::HeldPort::HoldAnyRow(port.protocol, wish.dynamic_ports, used, port.count));
  return held.front().port();
}

Result<void> State::TakePort(const PortRecord& port) {
  const auto protocol = static_cast<int64_t>(port.protocol);
  auto taken =
      TRY(database_.Prepare("SELECT tasks.name FROM ports JOIN tasks ON tasks.id = ports.task "
                            "WHERE ports.protocol = ? AND ports.host_port = ?"));
  taken.Bind(protocol).Bind(int64_t{port.host_port});
  if (TRY(taken.Step())) {
    return MakeError("RESOURCE:PORTS: {} port {} is taken by task {}", net::Name(port.protocol),
                     port.host_port, taken.Text(0));
  }
  auto insert = TRY(database_.Prepare("INSERT INTO ports VALUES (?, ?, ?, ?, ?)"));
  insert.Bind(protocol).Bind(int64_t{port.host_port}).Bind(port.task_id);
  return insert.Bind(port.container).Bind(int64_t{port.container_port}).Run();
}

Result<std::vector<TaskRecord>> State::Tasks() {
  auto rows = TRY(
      database_.Prepare(fmt::format("SELECT {} FROM tasks ORDER BY created, id", kTaskColumns)));
  std::vector<TaskRecord> tasks;
  while (TRY(rows.Step())) tasks.push_back(ReadTask(rows));
  return tasks;
}

Result<TaskRecord> State::Find(std::string_view name_or_id) {
  std::vector<TaskRecord> matches;
  for (TaskRecord& task : TRY(Tasks())) {
    if (task.name == name_or_id || task.id == name_or_id) return std::move(task);
    if (name_or_id.size() >= 4 && task.id.starts_with(name_or_id)) {
      matches.push_back(std::move(task));
    }
  }
  if (matches.size() == 1) return std::move(matches.front());
  if (matches.empty()) {
    return MakeError("no task named {}; berth ps --all shows which there are", name_or_id);
  }
  return MakeError("{} is the start of {} task ids; give more of it", name_or_id, matches.size());
}

Result<std::vector<PortRecord>> State::Ports(std::string_view task_id) {
  auto rows = TRY(database_.Prepare(
      "SELECT container, protocol, host_port, container_port FROM ports WHERE task = ? "
      "ORDER BY container, container_port"));
  rows.Bind(task_id);
  std::vector<PortRecord> ports;
  while (TRY(rows.Step())) {
    ports.push_back({.task_id = std::string(task_id),
                     .container = rows.Text(0),
                     .protocol = static_cast<net::Protocol>(rows.Integer(1)),
                     .host_port = static_cast<uint16_t>(rows.Integer(2)),
                     .container_port = static_cast<uint16_t>(rows.Integer(3))});
  }
  return ports;
}

Result<void> State::SetLive(std::string_view task_id, ProcessIdentity shim) {
  auto update = TRY(
      database_.Prepare("UPDATE tasks SET phase = ?, owner_pid = ?, owner_start = ? WHERE id = ?"));
  update.Bind(static_cast<int64_t>(Phase::kLive)).Bind(shim.pid).Bind(shim.start_time);
  return update.Bind(task_id).Run();
}

Result<void> State::Release(std::string_view task_id) {
  TRY(ReleaseAddresses(task_id));
  TRY(LeaveGroups(task_id));
  auto free_ports = TRY(database_.Prepare("DELETE FROM ports WHERE task = ?"));
  return free_ports.Bind(task_id).Run();
}

Result<void> State::SetEnded(std::string_view task_id, std::string_view stop_reason) {
  return database_.Transaction([&]() -> Result<void> {
    TRY(Release(task_id));
    auto update = TRY(database_.Prepare(
        "UPDATE tasks SET phase = ?, stop_reason = ? WHERE id = ? AND phase != ?"));
    const auto ended = static_cast<int64_t>(Phase::kEnded);
    return update.Bind(ended).Bind(stop_reason).Bind(task_id).Bind(ended).Run();
  });
}

Result<void> State::Forget(std::string_view task_id) {
  return database_.Transaction([&]() -> Result<void> {
    TRY(Release(task_id));
    auto remove = TRY(database_.Prepare("DELETE FROM tasks WHERE id = ?"));
    return remove.Bind(task_id).Run();
  });
}

Result<void> State::IfNoTasks(const std::function<Result<void>()>& work) {
  return database_.Transaction(
      [&]() -> Result<void> { return TRY(Tasks()).empty() ? work() : Result<void>(); });
}

}  // namespace berth::agent
