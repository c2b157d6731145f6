// Strategies: which of the instances that would do is preferred.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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

/// Which instances a task of one group is best placed on.
class Preference {
 public:
  /// `instances` must outlive it; kSpread counts the tasks of `group` on all of them.
  Preference(std::span<const Instance* const> instances, std::string group)
      : instances_(instances), group_(std::move(group)) {}

  /// The best of `candidates`, which are indices in `instances`; all of them that are equally good.
  std::vector<uint32_t> Best(const Strategy& strategy, const std::vector<uint32_t>& candidates);

 private:
  std::vector<uint32_t> SpreadByAttribute(std::string attribute,
                                          const std::vector<uint32_t>& candidates);
  const std::vector<int64_t>& Tasks();

  std::span<const Instance* const> instances_;
  Name group_;
  std::vector<int64_t> tasks_;  // of the group, by instance; empty until it is asked for
};

}  // namespace berth::scheduler::placement
