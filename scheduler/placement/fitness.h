// Whether a task fits on an instance, apart from whether it is best there.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "scheduler/placement/placement.h"

namespace berth::scheduler::placement {

/// What an instance is checked for, in this order.
enum class Check { kAgent, kAttribute, kCpu, kMemory, kPorts, kDistinctInstance, kMemberOf };

/// In the words of RunTask's failures.
std::string_view ReasonOf(Check check);

/// A request, made ready to be held against many instances. `request` must outlive it.
class Fitness {
 public:
  explicit Fitness(const Request& request);

  /// The first check that `instance` doesn't pass; nothing if the task fits.
  std::optional<Check> FirstUnmet(const Instance& instance);

 private:
  struct ValuedAttribute {
    Attributes::Finder finder;
    std::string_view value;
  };

  bool HasAttributes(const Instance& instance);
  bool HasPorts(const Resources& left) const;

  const Request& request_;
  Name group_;
  std::vector<Name> required_;
  std::vector<ValuedAttribute> required_values_;
  // What the last instance's names came to. Most of a cluster's instances have the same.
  struct Verdict {
    uint64_t signature = 0;
    bool has_all = false;
  };
  std::optional<Verdict> last_;
};

}  // namespace berth::scheduler::placement
