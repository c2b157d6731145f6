#include "scheduler/agents/due.h"

namespace berth::scheduler {
namespace {

bool IsAttached(const World& world, const TaskRecord& record) {
  if (record.interface_id.empty()) return true;
  const InterfaceRecord* interface = world.interfaces().Find(record.interface_id);
  return interface != nullptr && interface->status == InterfaceStatus::kAttached;
}

// Also when the acknowledgment of the first ones was lost: nobody knows then what the agent has.
bool NeedsCredentials(const TaskRecord& record, WallTime by) {
  if (record.role_credentials_id.empty() && record.execution_role_credentials_id.empty()) {
    return false;
  }
  return !record.credentials_expire || *record.credentials_expire < by;
}

}  // namespace

Due WhatIsDue(const World& world, const std::string& instance_key, const Told& told, WallTime now,
              std::chrono::seconds renewal) {
  Due due;
  for (const std::string& key : world.TasksOn(instance_key)) {
    const TaskRecord* record = world.tasks().Find(key);
    if (record == nullptr) continue;
    if (record->task.desiredStatus == "STOPPED") {
      if (!told.stops.contains(key)) due.stops.push_back(key);
    } else if (!IsAttached(world, *record)) {
      if (!told.attachments.contains(key)) due.attachments.push_back(key);
    } else if (!record->delivered) {
      if (!told.starts.contains(key)) due.starts.push_back(key);
    } else if (NeedsCredentials(*record, now + renewal)) {
      if (!told.credentials.contains(key)) due.credentials.push_back(key);
    }
  }
  return due;
}

}  // namespace berth::scheduler
