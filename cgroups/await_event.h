// Sleeping until cgroup.events says what is wished.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::cgroups {

enum class Awaited {
  kCame,
  kTimedOut,
  kGone,  // the cgroup has been removed
};

/// Sleeps until `key` in cgroup.events of the cgroup directory `path` is `value`, at most until
/// `deadline`.
struct EventWish {
  std::string_view key;
  uint64_t value = 0;
  std::chrono::steady_clock::time_point deadline;
};
Result<Awaited> AwaitEvent(const std::string& path, const EventWish& wish);

}  // namespace berth::cgroups
