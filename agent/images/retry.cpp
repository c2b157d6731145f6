#include "agent/images/retry.h"

#include <algorithm>
#include <cmath>

namespace berth::agent::images {

std::chrono::milliseconds RetryPolicy::Pause(int failures) const {
  const double pause = static_cast<double>(first.count()) * std::pow(factor, failures - 1);
  return std::min(most, std::chrono::milliseconds(std::llround(std::min(pause, 1e9))));
}

}  // namespace berth::agent::images
