#include "scheduler/server/housekeeping.h"

#include <vector>

#include "scheduler/model/task_changes.h"

namespace berth::scheduler {
namespace {

std::vector<std::string> OldTasks(const World& world, const KeepTimes& times, WallTime now) {
  std::vector<std::string> old;
  for (const auto& [key, record] : world.tasks().all()) {
    if (record.task.lastStatus != "STOPPED") continue;
    if (record.task.stoppedAt.value_or(now) + times.stopped_tasks <= now) old.push_back(key);
  }
  return old;
}

std::vector<std::string> OldTokens(const World& world, const KeepTimes& times, WallTime now) {
  std::vector<std::string> old;
  for (const auto& [key, record] : world.client_tokens().all()) {
    if (record.created.value_or(now) + times.client_tokens <= now) old.push_back(key);
  }
  return old;
}

std::vector<std::string> Unprovisioned(const World& world, const KeepTimes& times, WallTime now) {
  std::vector<std::string> late;
  for (const auto& [key, record] : world.tasks().all()) {
    if (record.task.lastStatus != "PROVISIONING") continue;
    if (record.task.createdAt.value_or(now) + times.provisioning <= now) late.push_back(key);
  }
  return late;
}

}  // namespace

void TidyUp(World& world, const KeepTimes& times, WallTime now) {
  for (const std::string& key : OldTasks(world, times, now)) world.EraseTask(key);
  for (const std::string& key : OldTokens(world, times, now)) world.EraseClientToken(key);
  for (const std::string& key : Unprovisioned(world, times, now)) {
    TaskRecord record = *world.tasks().Find(key);
    record.task.stopCode = ecs::api::TaskStopCode::kTaskFailedToStart;
    record.task.stoppedReason = "Timeout waiting for network interface provisioning to complete.";
    EndTask(world, std::move(record), now);
  }
}

}  // namespace berth::scheduler
