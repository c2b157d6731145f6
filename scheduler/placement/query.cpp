#include "scheduler/placement/query.h"

#include <algorithm>

#include "scheduler/placement/query_parser.h"

namespace berth::scheduler::placement {
namespace {

bool Holds(const Query::Node& node, const Instance& instance) {
  const auto holds = [&](const Query::Node& part) { return Holds(part, instance); };
  switch (node.kind) {
    case Query::Node::Kind::kCondition:
      return node.condition.Holds(instance);
    case Query::Node::Kind::kNot:
      return !Holds(node.parts.front(), instance);
    case Query::Node::Kind::kAnd:
      return std::all_of(node.parts.begin(), node.parts.end(), holds);
    case Query::Node::Kind::kOr:
      return std::any_of(node.parts.begin(), node.parts.end(), holds);
  }
  return false;
}

}  // namespace

Result<Query> Query::Parse(std::string_view expression) {
  return Query(std::make_shared<const Node>(TRY(ParseQuery(expression))));
}

bool Query::Matches(const Instance& instance) const { return Holds(*root_, instance); }

}  // namespace berth::scheduler::placement
