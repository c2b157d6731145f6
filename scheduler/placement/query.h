// The cluster query language: which container instances an expression means.
//
// Source: "Create expressions to define container instances for Amazon ECS tasks" in the Amazon ECS
// Developer Guide.
//
//   attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d
//   task:group == service:production
//   not(agentConnected == false) or runningTasksCount < 2
//   ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']
//
// What the guide leaves open is settled like this. `not` binds closest, then `and`, then `or`. A
// subject that an instance doesn't have fulfils `!exists` alone: `attribute:stack != prod` means
// instances that have a stack, and another one than prod. task:group is the groups of all tasks
// there: `==` asks for one of them, `!=` that none is. A pattern is to match the whole value, and
// runs in linear time, so it has neither look-around nor back-references. Attributes are ordered as
// numbers if both sides are numbers, else as text. Times are compared by the second; one without a
// zone is UTC. A value that has blanks, commas, parentheses or square brackets is put into single
// or double quotes, between which every character stands for itself; a bare pattern may have
// parentheses and brackets that close.
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
  /// Refuses what is longer than 2,000 characters or nested more than 50 deep. Errors say what was
  /// expected and at which character, the first being 1.
  static Result<Query> Parse(std::string_view expression);

  bool Matches(const Instance& instance) const;

  struct Node;

 private:
  explicit Query(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
  std::shared_ptr<const Node> root_;
};

}  // namespace berth::scheduler::placement
