#include "scheduler/placement/placement.h"

#include <algorithm>

#include "scheduler/placement/fitness.h"

namespace berth::scheduler::placement {
namespace {

// One of `equals`, which aren't none.
size_t Pick(const std::vector<uint32_t>& equals, double random) {
  const auto at = static_cast<size_t>(random * static_cast<double>(equals.size()));
  return equals[std::min(at, equals.size() - 1)];
}

// Where any that will do is as good as any other, most clusters are guessed right at once. Each
// guess uses up as many bits of `random` as there are instances; what is left is random again.
std::optional<size_t> Guess(std::span<const Instance* const> instances, Fitness& fitness,
                            double random) {
  constexpr int kGuesses = 3;
  for (int i = 0; i < kGuesses && !instances.empty(); ++i) {
    random *= static_cast<double>(instances.size());
    const auto at = std::min(static_cast<size_t>(random), instances.size() - 1);
    if (!fitness.FirstUnmet(*instances[at])) return at;
    random -= static_cast<double>(at);
  }
  return std::nullopt;
}

bool AnyWillDo(const Request& request) {
  return request.strategies.empty() || request.strategies.front().type == Strategy::Type::kRandom;
}

}  // namespace

tl::expected<size_t, Shortfall> Place(std::span<const Instance* const> instances,
                                      const Request& request, double random) {
  Fitness fitness(request);
  if (AnyWillDo(request)) {
    if (const auto guessed = Guess(instances, fitness, random)) return *guessed;
  }
  std::vector<uint32_t> candidates;
  std::optional<Check> furthest;
  const Instance* closest = nullptr;
  for (size_t i = 0; i < instances.size(); ++i) {
    const std::optional<Check> unmet = fitness.FirstUnmet(*instances[i]);
    if (!unmet) {
      candidates.push_back(static_cast<uint32_t>(i));
    } else if (!furthest || *furthest < *unmet) {
      furthest = unmet;
      closest = instances[i];
    }
  }
  if (candidates.empty()) {
    // An empty cluster has no words in `failures`: RunTask refuses it with these.
    if (closest == nullptr) {
      return tl::unexpected(Shortfall{"No Container Instances were found in your cluster.", ""});
    }
    return tl::unexpected(Shortfall{std::string(ReasonOf(*furthest)), closest->arn});
  }
  Preference preference(instances, request.group);
  for (const Strategy& strategy : request.strategies) {
    if (candidates.size() == 1) break;
    if (strategy.type == Strategy::Type::kRandom) break;  // leaves no ties for those after it
    candidates = preference.Best(strategy, candidates);
  }
  return Pick(candidates, random);
}

std::optional<std::string> WhyNotOn(const Instance& instance, const Request& request) {
  const std::optional<Check> unmet = Fitness(request).FirstUnmet(instance);
  if (!unmet) return std::nullopt;
  return std::string(ReasonOf(*unmet));
}

}  // namespace berth::scheduler::placement
