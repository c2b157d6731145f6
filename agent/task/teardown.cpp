#include "agent/task/teardown.h"

#include <signal.h>
#include <unistd.h>

#include <optional>

#include "agent/network/firewall_guard.h"
#include "agent/task/task_cgroups.h"
#include "base/clone.h"
#include "base/files.h"
#include "base/pidfd.h"
#include "base/steps.h"
#include "base/sys.h"
#include "base/text.h"
#include "net/attachment.h"

namespace berth::agent {
namespace {

struct Teardown {
  AgentContext& context;
  const TaskRecord& task;
  Interfaces interfaces;
};

// Whether this process was the task's shim.
bool IsFinisher(const TaskRecord& task) {
  return task.phase == Phase::kLive && task.owner.pid == ::getpid() && OwnerAlive(task);
}

// The shim's death takes its containers along (PR_SET_PDEATHSIG), and the cgroup what they left.
Result<void> KillShim(Teardown& teardown) {
  if (teardown.task.phase != Phase::kLive || !OwnerAlive(teardown.task)) return {};
  if (IsFinisher(teardown.task)) return {};
  const auto pid = static_cast<pid_t>(teardown.task.owner.pid);
  const Pidfd shim = TRY(Pidfd::Open(pid));
  if (!OwnerAlive(teardown.task)) return {};
  TRY(shim.Signal(SIGKILL));
  if (!TRY(shim.WaitForEnd(std::chrono::seconds(10)))) {
    return MakeError("the shim (pid {}) does not die", pid);
  }
  return {};
}

// In a child that has let go of our standard streams, so that nobody waits for their end.
void DeleteLinksInBackground(const std::vector<AddressRecord>& addresses,
                             const std::string& lock_path) {
  const auto child = sys::Clone({});
  if (!child || *child > 0) return;  // without it the links die with their namespaces, as a rule
  ::close_range(STDIN_FILENO, STDERR_FILENO, 0);
  ::setsid();
  for (const AddressRecord& address : addresses) {
    const auto deleted = net::Detach(address.attachment_id, net::LinkEnd::kDeleteNow, lock_path);
    if (!deleted) ::_exit(1);
  }
  ::_exit(0);
}

Result<void> DetachNetwork(Teardown& teardown) {
  const auto addresses = TRY(teardown.context.state.Addresses(teardown.task.id));
  const bool wait = teardown.interfaces == Interfaces::kGoneOnReturn;
  const std::string lock_path = teardown.context.paths.NetLock();
  for (const AddressRecord& address : addresses) {
    TRY(net::Detach(address.attachment_id,
                    wait ? net::LinkEnd::kDeleteNow : net::LinkEnd::kDiesWithNamespace, lock_path));
  }
  std::vector<net::IpAddress> freed;
  for (const AddressRecord& address : addresses) {
    freed.emplace_back(address.address);
    if (address.ipv6_address) freed.emplace_back(*address.ipv6_address);
  }
  TRY(net::ForgetFlows(freed, lock_path));
  if (!wait && !addresses.empty()) DeleteLinksInBackground(addresses, lock_path);
  return {};
}

Result<void> RemoveCgroups(Teardown& teardown) {
  return RemoveTaskCgroups(teardown.context.hierarchy, teardown.task.id,
                           IsFinisher(teardown.task) ? Inside::kYes : Inside::kNo);
}

// Layers, volumes of the task and sockets; what ps, logs and inspect read stays.
Result<void> RemoveFiles(Teardown& teardown) {
  const Paths& paths = teardown.context.paths;
  const std::string& id = teardown.task.id;
  TRY(sys::Unlink(paths.ControlSocket(id)));
  TRY(sys::RemoveTree(paths.TaskVolumes(id)));
  const std::string containers = paths.Task(id) + "/containers";
  const auto names = ListDirectory(containers);
  if (!names && names.error().Is(ENOENT)) return {};
  if (!names) return names.error();
  for (const std::string& name : *names) {
    for (const char* part : {"upper", "work", "rootfs"}) {
      TRY(sys::RemoveTree(fmt::format("{}/{}/{}", containers, name, part)));
    }
  }
  return {};
}

constexpr Step<Teardown> kTeardownSteps[] = {
    {"kill shim", KillShim},
    {"detach network", DetachNetwork},
    {"remove cgroups", RemoveCgroups},
    {"remove files", RemoveFiles},
};

Result<void> Unmake(AgentContext& context, const TaskRecord& task, Interfaces interfaces) {
  Teardown teardown = {.context = context, .task = task, .interfaces = interfaces};
  std::vector<std::string> failures;
  for (const Step<Teardown>& step : kTeardownSteps) {
    const auto done = step.run(teardown).Context("{}", step.name);
    if (!done) failures.push_back(done.error().message());
    TRY(FaultPoint("teardown", step.name));
  }
  // Only what is surely free may be given to others. With a failure the reservation stays, and the
  // next command tries again.
  if (failures.empty()) return {};
  return Error(Join(failures, "; "));
}

}  // namespace

Result<void> EndTask(AgentContext& context, const TaskRecord& task, std::string_view why,
                     Interfaces interfaces) {
  if (task.phase == Phase::kEnded) return {};
  TRY(Unmake(context, task, interfaces).Context("end task {}", task.name));
  return context.state.SetEnded(task.id, why).Context("end task {}", task.name);
}

Result<void> RemoveTask(AgentContext& context, const TaskRecord& task, Interfaces interfaces) {
  if (task.phase != Phase::kEnded) {
    TRY(Unmake(context, task, interfaces).Context("remove task {}", task.name));
  }
  // Before the record, whose change needs room that a full disk may not have.
  TRY(sys::RemoveTree(context.paths.Task(task.id)));
  return context.state.Forget(task.id);
}

Result<void> RemoveStrays(AgentContext& context) {
  const Paths& paths = context.paths;
  TRY(RemoveAllTaskCgroups(context.hierarchy));
  for (const std::string& id : TRY(ListDirectory(paths.Tasks()))) {
    TRY(sys::Unlink(paths.ControlSocket(id)));
    TRY(sys::RemoveTree(paths.Task(id)));
  }
  return {};
}

bool OwnerAlive(const TaskRecord& task) {
  const auto owner = Pidfd::Open(static_cast<pid_t>(task.owner.pid));
  if (!owner) return false;
  const auto start = ProcessStartTime(owner->pid());
  if (!start || static_cast<int64_t>(*start) != task.owner.start_time) return false;
  // One whose parent has yet to look at its end is dead all the same.
  return !owner->WaitForEnd(std::chrono::milliseconds(0)).ValueOr(false);
}

Result<Sighting> LookAt(AgentContext& context, TaskRecord task) {
  for (;;) {
    if (task.phase == Phase::kEnded) return Sighting{.task = std::move(task), .alive = false};
    if (OwnerAlive(task)) return Sighting{.task = std::move(task), .alive = true};
    // Nobody but the owner, who is dead, hands a task on: the same record now is the last word.
    TaskRecord now = TRY(context.state.Find(task.id));
    const bool same = now.phase == task.phase && now.owner.pid == task.owner.pid &&
                      now.owner.start_time == task.owner.start_time;
    if (same) return Sighting{.task = std::move(now), .alive = false};
    task = std::move(now);
  }
}

Result<void> Recover(AgentContext& context) {
  std::vector<std::string> failures;
  for (const TaskRecord& seen : TRY(context.state.Tasks())) {
    const auto sighting = LookAt(context, seen);
    if (!sighting) continue;  // removed meanwhile
    const TaskRecord& task = sighting->task;
    if (task.phase == Phase::kEnded || sighting->alive) continue;
    const std::string_view why = task.phase == Phase::kIntent
                                     ? "TaskFailedToStart: the launch was interrupted"
                                     : "the task's shim has died";
    const auto ended = EndTask(context, task, why);
    if (!ended) failures.push_back(ended.error().message());
  }
  // Of those that live. On a host without an agent whoever comes next is the first to see it.
  RestoreLostFirewall(context.paths.NetLock());
  if (failures.empty()) return {};
  return Error(Join(failures, "\n"));
}

}  // namespace berth::agent
