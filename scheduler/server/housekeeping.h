// What becomes of records with time.
#pragma once

#include <chrono>

#include "scheduler/model/world.h"

namespace berth::scheduler {

struct KeepTimes {
  /// ECS shows stopped tasks for about an hour.
  std::chrono::seconds stopped_tasks{3600};
  std::chrono::seconds client_tokens{24 * 3600};
  /// How long an interface may take to be attached until its task is given up.
  std::chrono::seconds provisioning{360};
};

/// Removes what has been kept long enough, and deleted task definitions that no task needs any
/// more; gives up tasks whose interface does not come. What is more than a thousand of a kind is
/// left for the next time.
void TidyUp(World& world, const KeepTimes& times, WallTime now);

}  // namespace berth::scheduler
