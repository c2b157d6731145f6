// What an agent should be told now: the difference between what is wanted of its instance and what
// it has acknowledged or is being told. Any message may be lost, repeated or late: nothing is ever
// told because of an event, only because of this difference.
#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "scheduler/model/world.h"

namespace berth::scheduler {

/// What a connection has told its agent, and not been answered. Keys of tasks.
struct Told {
  std::set<std::string> attachments;
  std::set<std::string> starts;
  std::set<std::string> credentials;
  /// Stops stay here once they are acknowledged: each new connection tells them anew, until the
  /// task is reported as stopped.
  std::set<std::string> stops;
};

struct Due {
  std::vector<std::string> attachments;  // keys of tasks whose interface is to be made known
  std::vector<std::string> starts;
  std::vector<std::string> stops;
  std::vector<std::string> credentials;  // to be renewed

  bool Empty() const {
    return attachments.empty() && starts.empty() && stops.empty() && credentials.empty();
  }
};

/// Credentials are renewed when they end within `renewal`.
Due WhatIsDue(const World& world, const std::string& instance_key, const Told& told, WallTime now,
              std::chrono::seconds renewal);

}  // namespace berth::scheduler
