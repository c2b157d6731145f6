// Strategies: which of the instances that would do is preferred.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scheduler/placement/instance.h"

namespace berth::scheduler::placement {

struct Strategy {
  enum class Type { kRandom, kSpread, kBinpack };

  Type type = Type::kRandom;
  /// kSpread: "instanceId" ("host"), "attribute:NAME". kBinpack: "cpu" or "memory".
  std::string field;

  bool operator==(const Strategy&) const = default;
};

/// Checks a strategy as the API does; errors say what is allowed. The field comes back in the
/// spelling above ("MEMORY", as the console writes it, is "memory"; "host" is "instanceId").
Result<Strategy> ParseStrategy(std::string_view type, std::string_view field);

/// The best of `candidates`, which are indices in `instances`, for a task of `group`; all of them
/// that are equally good. kSpread counts the tasks of `group` on all of `instances`.
std::vector<uint32_t> Best(const Strategy& strategy, std::span<const Instance* const> instances,
                           std::vector<uint32_t> candidates, const Name& group);

}  // namespace berth::scheduler::placement
