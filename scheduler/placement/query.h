// The cluster query language: which container instances an expression means.
//
// Source: "Create expressions to define container instances for Amazon ECS tasks" in the Amazon ECS
// Developer Guide.
//
//   attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d
//   task:group == service:production
//   not(agentConnected == false) or runningTasksCount < 2
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scheduler/placement/instance.h"

namespace berth::scheduler::placement {

/// An expression, parsed once and asked of many instances. Cheap to copy.
class Query {
 public:
  /// Errors say what was expected and at which character.
  static Result<Query> Parse(std::string_view expression);

  bool Matches(const Instance& instance) const;

  struct Node;

 private:
  explicit Query(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
  std::shared_ptr<const Node> root_;
};

}  // namespace berth::scheduler::placement
