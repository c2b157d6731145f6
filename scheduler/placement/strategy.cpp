#include "scheduler/placement/strategy.h"

#include <limits>
#include <unordered_map>

#include "base/json.h"

namespace berth::scheduler::placement {
namespace {

constexpr std::string_view kAttribute = "attribute:";

Result<Strategy> ParseSpread(std::string_view field) {
  if (field == "instanceId" || field == "host") {
    return Strategy{.type = Strategy::Type::kSpread, .field = "instanceId"};
  }
  if (field.starts_with(kAttribute) && field.size() > kAttribute.size()) {
    return Strategy{.type = Strategy::Type::kSpread, .field = std::string(field)};
  }
  return MakeError("field must be instanceId, host or attribute:NAME for spread, not {}",
                   QuoteJson(field));
}

Result<Strategy> ParseBinpack(std::string_view field) {
  if (field == "cpu" || field == "CPU") {
    return Strategy{.type = Strategy::Type::kBinpack, .field = "cpu"};
  }
  if (field == "memory" || field == "MEMORY") {
    return Strategy{.type = Strategy::Type::kBinpack, .field = "memory"};
  }
  return MakeError("field must be cpu or memory for binpack, not {}", QuoteJson(field));
}

// Those of `candidates` for which `rank` gives the least.
template <typename Rank>
std::vector<uint32_t> Least(const std::vector<uint32_t>& candidates, Rank rank) {
  std::vector<uint32_t> best;
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const uint32_t candidate : candidates) {
    const int64_t its = rank(candidate);
    if (its < least) best.clear();
    least = std::min(least, its);
    if (its == least) best.push_back(candidate);
  }
  return best;
}

std::string_view ValueOf(const std::optional<std::string>& attribute) {
  return attribute ? std::string_view(*attribute) : std::string_view();
}

}  // namespace

Result<Strategy> ParseStrategy(std::string_view type, std::string_view field) {
  if (type == "random")
    return Strategy{.type = Strategy::Type::kRandom};  // its field means nothing
  if (type == "spread") return ParseSpread(field);
  if (type == "binpack") return ParseBinpack(field);
  return MakeError("type must be random, spread or binpack, not {}", QuoteJson(type));
}

std::vector<uint32_t> Preference::Best(const Strategy& strategy,
                                       const std::vector<uint32_t>& candidates) {
  switch (strategy.type) {
    case Strategy::Type::kRandom:
      return candidates;
    case Strategy::Type::kBinpack:
      // What the task takes is the same on all, so who has the least before has it after.
      if (strategy.field == "cpu") {
        return Least(candidates, [&](uint32_t each) { return instances_[each]->left.cpu; });
      }
      return Least(candidates, [&](uint32_t each) { return instances_[each]->left.memory; });
    case Strategy::Type::kSpread:
      if (strategy.field.starts_with(kAttribute)) {
        return SpreadByAttribute(strategy.field.substr(kAttribute.size()), candidates);
      }
      return Least(candidates, [&tasks = Tasks()](uint32_t each) { return tasks[each]; });
  }
  return candidates;
}

std::vector<uint32_t> Preference::SpreadByAttribute(std::string attribute,
                                                    const std::vector<uint32_t>& candidates) {
  Attributes::Finder finder(std::move(attribute));
  // Each value once with its tasks, and where each instance's value is among them.
  std::vector<int64_t> tasks;
  std::vector<uint32_t> value_of(instances_.size(), std::numeric_limits<uint32_t>::max());
  std::unordered_map<std::string_view, uint32_t> values;
  for (size_t i = 0; i < instances_.size(); ++i) {
    const std::optional<std::string>* value = finder.In(instances_[i]->attributes);
    if (value == nullptr) continue;
    const auto [known, is_new] =
        values.try_emplace(ValueOf(*value), static_cast<uint32_t>(tasks.size()));
    if (is_new) tasks.push_back(0);
    tasks[known->second] += Tasks()[i];
    value_of[i] = known->second;
  }
  // Instances without the attribute come last.
  return Least(candidates, [&](uint32_t candidate) {
    const uint32_t value = value_of[candidate];
    return value < tasks.size() ? tasks[value] : std::numeric_limits<int64_t>::max();
  });
}

const std::vector<int64_t>& Preference::Tasks() {
  if (!tasks_.empty()) return tasks_;
  tasks_.reserve(instances_.size());
  for (const Instance* instance : instances_) {
    const int64_t* count = instance->tasks_by_group.Find(group_);
    tasks_.push_back(count == nullptr ? 0 : *count);
  }
  return tasks_;
}

}  // namespace berth::scheduler::placement
