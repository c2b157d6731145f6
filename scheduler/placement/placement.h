// Placement: on which container instance a task goes.
//
// Source: "How Amazon ECS places tasks on container instances" in the Amazon ECS Developer Guide:
// instances that have the resources and attributes, then constraints, then strategies in their
// order, each breaking the ties of the one before.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "scheduler/placement/instance.h"
#include "scheduler/placement/query.h"
#include "scheduler/placement/strategy.h"

namespace berth::scheduler::placement {

/// What one task asks for. The same for all tasks of a call.
struct Request {
  Resources needs;
  /// requiresAttributes of the task definition: name and, if not empty, value.
  std::vector<std::pair<std::string, std::string>> required_attributes;
  std::vector<Query> member_of;
  bool distinct_instance = false;
  std::string group;  // of the task: what kSpread counts and distinct_instance avoids
  /// None: any instance that will do is as good as any other, as RunTask has it by default.
  /// (Services spread over attribute:ecs.availability-zone by default; their caller says so.)
  std::vector<Strategy> strategies;
};

/// Why nothing was found, in the words of RunTask's failures ("Amazon ECS API failure reasons"):
/// "AGENT" (disconnected, draining or inactive), "ATTRIBUTE", "RESOURCE:CPU", "RESOURCE:MEMORY",
/// "RESOURCE:PORTS", "DistinctInstance placement constraint unsatisfied.", "MemberOf placement
/// constraint unsatisfied.". Each instance is checked in this order; if they fall short for
/// different reasons, the one that came furthest counts, with its ARN.
struct Shortfall {
  std::string reason;
  std::string instance_arn;  // "" if there is no instance at all

  bool operator==(const Shortfall&) const = default;
};

/// Where the next task goes: the index in `instances`, or why nowhere. `instances` are all of the
/// cluster, since tasks are spread with regard to those that are full as well. `random` in [0, 1)
/// decides between equals. The caller then takes the resources from that instance (Take) before it
/// asks again.
tl::expected<size_t, Shortfall> Place(std::span<const Instance* const> instances,
                                      const Request& request, double random);

/// Whether it fits on this very instance (StartTask); the reason if not.
std::optional<std::string> WhyNotOn(const Instance& instance, const Request& request);

}  // namespace berth::scheduler::placement
