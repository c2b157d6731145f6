#include "scheduler/model/task_changes.h"

#include <algorithm>
#include <iterator>

#include "scheduler/network/interfaces.h"

namespace berth::scheduler {
namespace {

using ecs::api::ContainerStateChange;
using ecs::api::TaskStopCode;

constexpr std::string_view kStatuses[] = {"PROVISIONING", "PENDING",  "ACTIVATING",     "RUNNING",
                                          "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"};

// A container knows three of them.
bool MovesForward(std::string_view from, std::string_view to) { return RankOf(to) > RankOf(from); }

// Agents cut their reasons themselves. One that does not must not make a record that is larger than
// the store takes.
constexpr size_t kMostText = 1024;
constexpr size_t kMostBindings = 1000;

std::string Cut(const std::string& text) { return text.substr(0, kMostText); }

void SetBindings(ecs::api::Container& container, std::vector<ecs::api::NetworkBinding> bindings) {
  if (bindings.empty()) return;
  if (bindings.size() > kMostBindings) bindings.resize(kMostBindings);
  for (ecs::api::NetworkBinding& binding : bindings) {
    for (auto* text : {&binding.bindIP, &binding.containerPortRange, &binding.hostPortRange}) {
      if (*text) (*text)->resize(std::min<size_t>((*text)->size(), 64));
    }
  }
  container.networkBindings = std::move(bindings);
}

void Apply(ecs::api::Container& container, const ContainerStateChange& change) {
  if (change.imageDigest) container.imageDigest = Cut(*change.imageDigest);
  if (change.runtimeId && !change.runtimeId->empty()) container.runtimeId = Cut(*change.runtimeId);
  SetBindings(container, change.networkBindings);
  if (change.status && MovesForward(container.lastStatus, *change.status)) {
    container.lastStatus = *change.status;
  }
  // What it ended with belongs to its end, whichever report came first.
  if (change.status != "STOPPED") return;
  if (change.exitCode) container.exitCode = change.exitCode;
  if (change.reason && !change.reason->empty()) container.reason = Cut(*change.reason);
}

// Why it stopped, if nobody ordered it.
void ExplainStop(ecs::api::Task& task, const ecs::api::SubmitTaskStateChangeRequest& report) {
  if (task.stopCode) return;
  task.stopCode =
      task.startedAt ? TaskStopCode::kEssentialContainerExited : TaskStopCode::kTaskFailedToStart;
  if (report.reason && !report.reason->empty()) {
    task.stoppedReason = Cut(*report.reason);
    return;
  }
  const auto ran =
      std::any_of(task.containers.begin(), task.containers.end(),
                  [](const auto& container) { return container.exitCode.has_value(); });
  if (ran) task.stopCode = TaskStopCode::kEssentialContainerExited;
  task.stoppedReason = task.stopCode == TaskStopCode::kEssentialContainerExited
                           ? "Essential container in task exited"
                           : "Task failed to start";
}

}  // namespace

int RankOf(std::string_view last_status) {
  const auto* found = std::find(std::begin(kStatuses), std::end(kStatuses), last_status);
  return found == std::end(kStatuses) ? -1 : static_cast<int>(found - std::begin(kStatuses));
}

const TaskRecord& BeginStop(World& world, const TaskRecord& record, const StopOrder& order) {
  if (record.task.desiredStatus == "STOPPED") return record;
  TaskRecord stopping = record;
  stopping.task.desiredStatus = "STOPPED";
  stopping.task.stopCode = order.code;
  stopping.task.stoppedReason = order.reason;
  stopping.task.stoppingAt = order.now;
  stopping.delivered = false;
  return world.PutTask(std::move(stopping));
}

const TaskRecord& EndTask(World& world, TaskRecord record, WallTime now) {
  if (const InterfaceRecord* interface = world.interfaces().Find(record.interface_id)) {
    // Shown for as long as the task is, though the address may have another owner by then.
    record.task.attachments = {ToAttachment(world, *interface)};
    record.task.attachments.front().status = ShownStatus(InterfaceStatus::kDetached);
    ReleaseInterface(world, record.interface_id);
  }
  record.task.lastStatus = "STOPPED";
  record.task.desiredStatus = "STOPPED";
  record.task.stoppedAt = now;
  if (!record.task.stoppingAt) record.task.stoppingAt = now;
  for (ecs::api::Container& container : record.task.containers) container.lastStatus = "STOPPED";
  record.delivered = true;
  return world.PutTask(std::move(record));
}

void ApplyReport(World& world, const TaskRecord& known,
                 const ecs::api::SubmitTaskStateChangeRequest& report, WallTime now) {
  if (known.task.lastStatus == "STOPPED") return;
  TaskRecord record = known;
  for (const ContainerStateChange& change : report.containers) {
    for (ecs::api::Container& container : record.task.containers) {
      if (container.name == change.containerName) Apply(container, change);
    }
  }
  if (report.pullStartedAt) record.task.pullStartedAt = report.pullStartedAt;
  if (report.pullStoppedAt) record.task.pullStoppedAt = report.pullStoppedAt;
  if (report.executionStoppedAt) record.task.executionStoppedAt = report.executionStoppedAt;
  const std::string status = report.status.value_or("");
  if (status == "RUNNING" && !record.task.startedAt) record.task.startedAt = now;
  if (status == "STOPPED") {
    ExplainStop(record.task, report);
    EndTask(world, std::move(record), now);
    return;
  }
  if (MovesForward(record.task.lastStatus, status)) record.task.lastStatus = status;
  if (!(record.task == known.task)) world.PutTask(std::move(record));
}

}  // namespace berth::scheduler
