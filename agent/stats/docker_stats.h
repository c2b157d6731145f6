// A container's usage as Docker's stats API shows it, which is what tasks are given.
#pragma once

#include <string>

#include "agent/stats/usage_history.h"
#include "base/json.h"

namespace berth::agent::stats {

enum class RateStats { kLeftOut, kShown };

struct StatsSubject {
  std::string docker_id;
  std::string docker_name;
  UsageDetails details;
};

/// The object of one container; null before its first sample. With `kShown` (metadata v4) the rates
/// of its network come besides, once they are known.
Json DockerStats(const UsageHistory& history, const StatsSubject& subject, RateStats rates);

}  // namespace berth::agent::stats
