// Instance: a container instance as placement sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/time.h"
#include "scheduler/placement/name_table.h"

namespace berth::scheduler::placement {

/// What a task takes of an instance, or an instance has left.
struct Resources {
  int64_t cpu = 0;     // CPU units
  int64_t memory = 0;  // MiB
  /// Of a task: fixed host ports wanted. Of an instance: those that are taken.
  std::set<uint16_t> tcp_ports;
  std::set<uint16_t> udp_ports;
};

/// Name to value; nothing for one without a value.
using Attributes = NameTable<std::optional<std::string>>;

/// Kept up to date by whoever owns the cluster's state; placement only reads it.
struct Instance {
  std::string arn;
  std::string id;  // the last part of the ARN
  std::string ec2_instance_id;
  std::string agent_version;
  bool agent_connected = false;
  bool active = true;  // ACTIVE; neither DRAINING nor being deregistered
  WallTime registered;
  Attributes attributes;
  Resources left;  // ports: taken ones
  int64_t running_tasks = 0;
  int64_t pending_tasks = 0;
  /// How many tasks that are not stopped are there, by group ("family:web", "service:api").
  NameTable<int64_t> tasks_by_group;
};

/// Takes what a task of `group` needs from `instance`, which must have it.
void Take(Instance& instance, const Resources& needs, std::string_view group);

/// Gives back what Take took, once the task is stopped.
void GiveBack(Instance& instance, const Resources& needs, std::string_view group);

}  // namespace berth::scheduler::placement
