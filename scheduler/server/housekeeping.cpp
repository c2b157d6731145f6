#include "scheduler/server/housekeeping.h"

#include <map>
#include <vector>

#include "scheduler/model/task_changes.h"

namespace berth::scheduler {
namespace {

constexpr size_t kMostAtOnce = 1000;

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

std::vector<std::string> DeletedDefinitions(const World& world) {
  std::map<std::string_view, std::string> deleted;  // key by ARN
  for (const auto& [key, record] : world.task_definitions().all()) {
    if (record.registered.status == ecs::api::TaskDefinitionStatus::kDeleteInProgress) {
      deleted.emplace(record.registered.taskDefinitionArn, key);
    }
  }
  if (deleted.empty()) return {};
  for (const auto& [key, record] : world.tasks().all()) {
    if (record.task.lastStatus != "STOPPED") deleted.erase(record.task.taskDefinitionArn);
  }
  std::vector<std::string> keys;
  for (auto& [arn, key] : deleted) keys.push_back(std::move(key));
  return keys;
}

std::vector<std::string> Unprovisioned(const World& world, const KeepTimes& times, WallTime now) {
  std::vector<std::string> late;
  for (const auto& [key, record] : world.tasks().all()) {
    if (record.task.lastStatus != "PROVISIONING") continue;
    if (record.task.createdAt.value_or(now) + times.provisioning <= now) late.push_back(key);
  }
  return late;
}

// What is done at once is one transaction, whose size has a limit: the rest is for the next time.
void Limit(std::vector<std::string>& keys) {
  if (keys.size() > kMostAtOnce) keys.resize(kMostAtOnce);
}

}  // namespace

void TidyUp(World& world, const KeepTimes& times, WallTime now) {
  auto tasks = OldTasks(world, times, now);
  auto tokens = OldTokens(world, times, now);
  auto definitions = DeletedDefinitions(world);
  auto late = Unprovisioned(world, times, now);
  for (auto* keys : {&tasks, &tokens, &definitions, &late}) Limit(*keys);
  for (const std::string& key : tasks) world.EraseTask(key);
  for (const std::string& key : tokens) world.EraseClientToken(key);
  for (const std::string& key : definitions) world.EraseTaskDefinition(key);
  for (const std::string& key : late) {
    TaskRecord record = *world.tasks().Find(key);
    record.task.stopCode = ecs::api::TaskStopCode::kTaskFailedToStart;
    record.task.stoppedReason = "Timeout waiting for network interface provisioning to complete.";
    EndTask(world, std::move(record), now);
  }
}

}  // namespace berth::scheduler
