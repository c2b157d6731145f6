// Reads the cluster query language into a tree.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scheduler/placement/condition.h"
#include "scheduler/placement/query.h"

namespace berth::scheduler::placement {

/// One condition, or others joined. `and` and `or` have any number of parts, so that the tree is
/// only as deep as the expression has parentheses and nots.
struct Query::Node {
  enum class Kind { kCondition, kNot, kAnd, kOr };

  Kind kind = Kind::kCondition;
  Condition condition;
  std::vector<Node> parts;
};

Result<Query::Node> ParseQuery(std::string_view expression);

}  // namespace berth::scheduler::placement
