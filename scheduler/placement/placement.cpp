#include "scheduler/placement/placement.h"

#include <algorithm>

#include "scheduler/placement/fitness.h"

namespace berth::scheduler::placement {
namespace {

// One random number in [0, 1) as several small ones: each throw uses some of its 53 bits up, and
// what is left is random again.
class Dice {
 public:
  explicit Dice(double random) : random_(random) {}

  /// From 0 up to and without `sides`.
  size_t Throw(size_t sides) {
    random_ *= static_cast<double>(sides);
    const size_t thrown = std::min(static_cast<size_t>(random_), sides - 1);
    random_ -= static_cast<double>(thrown);
    return thrown;
  }

 private:
  double random_;
};

// Where any that will do is as good as any other, most clusters are guessed right at once.
std::optional<size_t> Guess(std::span<const Instance* const> instances, Fitness& fitness,
                            Dice& dice) {
  constexpr int kGuesses = 3;
  for (int i = 0; i < kGuesses && !instances.empty(); ++i) {
    const size_t at = dice.Throw(instances.size());
    if (!fitness.FirstUnmet(*instances[at])) return at;
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
  Dice dice(random);
  if (AnyWillDo(request)) {
    if (const auto guessed = Guess(instances, fitness, dice)) return *guessed;
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
  return candidates[dice.Throw(candidates.size())];
}

std::optional<std::string> WhyNotOn(const Instance& instance, const Request& request) {
  const std::optional<Check> unmet = Fitness(request).FirstUnmet(instance);
  if (!unmet) return std::nullopt;
  return std::string(ReasonOf(*unmet));
}

}  // namespace berth::scheduler::placement
