// Placement: on which container instance a task goes.
//
// Source: "How Amazon ECS places tasks on container instances" in the Amazon ECS Developer Guide:
// instances that have the resources and attributes, then constraints, then strategies in their
// order, each breaking the ties of the one before.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "scheduler/placement/instance.h"
#include "scheduler/placement/query.h"

namespace berth::scheduler::placement {

struct Strategy {
  enum class Type { kRandom, kSpread, kBinpack };

  Type type = Type::kRandom;
  /// kSpread: "instanceId" ("host"), "attribute:NAME". kBinpack: "cpu" or "memory".
  std::string field;
};

/// What one task asks for. The same for all tasks of a call.
struct Request {
  Resources needs;
  /// requiresAttributes of the task definition: name and, if not empty, value.
  std::vector<std::pair<std::string, std::string>> required_attributes;
  std::vector<Query> member_of;
  bool distinct_instance = false;
  std::string group;  // of the task: what kSpread counts and distinct_instance avoids
  std::vector<Strategy> strategies;
};

/// Why nothing was found, in the words of RunTask's failures: "RESOURCE:MEMORY", "RESOURCE:CPU",
/// "RESOURCE:PORTS", "ATTRIBUTE", "AGENT", "MemberOf placement constraint unsatisfied.", ...
/// If instances fall short for different reasons, the one that came closest counts, with its ARN.
struct Shortfall {
  std::string reason;
  std::string instance_arn;  // "" if there is no instance at all
};

/// Where the next task goes: the index in `instances`, or why nowhere. `random` in [0, 1) decides
/// between equals. The caller then takes the resources from that instance before it asks again.
tl::expected<size_t, Shortfall> Place(std::span<const Instance* const> instances,
                                      const Request& request, double random);

/// Whether it fits on this very instance (StartTask); the reason if not.
std::optional<std::string> WhyNotOn(const Instance& instance, const Request& request);

/// Checks a strategy as the API does; errors say what is allowed.
Result<Strategy> ParseStrategy(std::string_view type, std::string_view field);

}  // namespace berth::scheduler::placement
