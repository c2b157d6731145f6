// RetryPolicy: how long to try again.
#pragma once

#include <chrono>

namespace berth::agent::images {

/// Attempts with growing pauses in between. The defaults are the ECS agent's for image pulls.
struct RetryPolicy {
  int attempts = 5;
  std::chrono::milliseconds first{1100};
  std::chrono::milliseconds most{5000};
  double factor = 2;

  /// The pause after failure number `failures` (from 1).
  std::chrono::milliseconds Pause(int failures) const;
};

}  // namespace berth::agent::images
