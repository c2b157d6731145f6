#include "agent/task/teardown.h"

#include <signal.h>

#include <optional>

#include "base/files.h"
#include "base/pidfd.h"
#include "base/steps.h"
#include "base/sys.h"
#include "base/text.h"
#include "cgroups/cgroup.h"
#include "net/attachment.h"

namespace berth::agent {
namespace {

struct Teardown {
  AgentContext& context;
  const TaskRecord& task;
  std::string_view why;
};

// The shim's death takes its containers along (PR_SET_PDEATHSIG), and the cgroup what they left.
Result<void> KillShim(Teardown& teardown) {
  if (teardown.task.phase != Phase::kLive || !OwnerAlive(teardown.task)) return {};
  const auto pid = static_cast<pid_t>(teardown.task.owner.pid);
  if (pid == ::getpid()) return {};  // the shim itself, become its task's finisher
  const Pidfd shim = TRY(Pidfd::Open(pid));
  if (!OwnerAlive(teardown.task)) return {};
  TRY(shim.Signal(SIGKILL));
  if (!TRY(shim.WaitForEnd(std::chrono::seconds(10)))) {
    return MakeError("the shim (pid {}) does not die", pid);
  }
  return {};
}

Result<void> DetachNetwork(Teardown& teardown) {
  const auto addresses = TRY(teardown.context.state.Addresses(teardown.task.id));
  for (const AddressRecord& address : addresses) {
    TRY(net::Detach(address.attachment_id, net::LinkEnd::kDeleteNow,
                    teardown.context.paths.NetLock()));
  }
  return {};
}

Result<void> RemoveCgroups(Teardown& teardown) {
  if (!teardown.context.hierarchy.HasCgroup2()) return {};
  return cgroups::RemoveTree(teardown.context.hierarchy, Paths::Cgroup(teardown.task.id));
}

// Layers, volumes of the task and sockets; what ps, logs and inspect read stays.
Result<void> RemoveFiles(Teardown& teardown) {
  const Paths& paths = teardown.context.paths;
  const std::string& id = teardown.task.id;
  TRY(sys::Unlink(paths.ControlSocket(id)));
  TRY(sys::RemoveTree(paths.TaskVolumes(id)));
  const std::string containers = paths.Task(id) + "/containers";
  if (!Exists(containers)) return {};
  for (const std::string& name : TRY(ListDirectory(containers))) {
    for (const char* part : {"upper", "work", "rootfs"}) {
      TRY(sys::RemoveTree(fmt::format("{}/{}/{}", containers, name, part)));
    }
  }
  return {};
}

Result<void> ReleaseReservations(Teardown& teardown) {
  return teardown.context.state.SetEnded(teardown.task.id, teardown.why);
}

constexpr Step<Teardown> kSteps[] = {
    {"kill shim", KillShim},
    {"detach network", DetachNetwork},
    {"remove cgroups", RemoveCgroups},
    {"remove files", RemoveFiles},
};

}  // namespace

Result<void> EndTask(AgentContext& context, const TaskRecord& task, std::string_view why) {
  if (task.phase == Phase::kEnded) return {};
  Teardown teardown = {.context = context, .task = task, .why = why};
  std::vector<std::string> failures;
  for (const Step<Teardown>& step : kSteps) {
    const auto done = step.run(teardown).Context("{}", step.name);
    if (!done) failures.push_back(done.error().message());
    TRY(FaultPoint("teardown", step.name));
  }
  // Only what is surely free may be given to others. With a failure the reservation stays, and the
  // next command tries again.
  if (!failures.empty()) {
    return MakeError("end task {}: {}", task.name, Join(failures, "; "));
  }
  return ReleaseReservations(teardown).Context("end task {}", task.name);
}

Result<void> RemoveTask(AgentContext& context, const TaskRecord& task) {
  TRY(EndTask(context, task, "removed"));
  TRY(sys::RemoveTree(context.paths.Task(task.id)));
  return context.state.Forget(task.id);
}

bool OwnerAlive(const TaskRecord& task) {
  const auto start = ProcessStartTime(static_cast<pid_t>(task.owner.pid));
  return start && static_cast<int64_t>(*start) == task.owner.start_time;
}

Result<void> Recover(AgentContext& context) {
  std::vector<std::string> failures;
  for (const TaskRecord& task : TRY(context.state.Tasks())) {
    if (task.phase == Phase::kEnded || OwnerAlive(task)) continue;
    const std::string_view why = task.phase == Phase::kIntent
                                     ? "TaskFailedToStart: the launch was interrupted"
                                     : "the task's shim has died";
    const auto ended = EndTask(context, task, why);
    if (!ended) failures.push_back(ended.error().message());
  }
  if (failures.empty()) return {};
  return Error(Join(failures, "\n"));
}

}  // namespace berth::agent
