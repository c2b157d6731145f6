#include "scheduler/placement/fitness.h"

#include <algorithm>

namespace berth::scheduler::placement {
namespace {

bool Meet(const std::set<uint16_t>& a, const std::set<uint16_t>& b) {
  return std::any_of(a.begin(), a.end(), [&](uint16_t port) { return b.contains(port); });
}

}  // namespace

std::string_view ReasonOf(Check check) {
  switch (check) {
    case Check::kAgent:
      return "AGENT";
    case Check::kAttribute:
      return "ATTRIBUTE";
    case Check::kCpu:
      return "RESOURCE:CPU";
    case Check::kMemory:
      return "RESOURCE:MEMORY";
    case Check::kPorts:
      return "RESOURCE:PORTS";
    case Check::kDistinctInstance:
      return "DistinctInstance placement constraint unsatisfied.";
    case Check::kMemberOf:
      return "MemberOf placement constraint unsatisfied.";
  }
  return "";
}

Fitness::Fitness(const Request& request) : request_(request), group_(request.group) {
  for (const auto& [name, value] : request.required_attributes) {
    required_.emplace_back(name);
    if (!value.empty()) required_values_.push_back({Attributes::Finder(name), value});
  }
}

std::optional<Check> Fitness::FirstUnmet(const Instance& instance) {
  if (!instance.active || !instance.agent_connected) return Check::kAgent;
  if (!HasAttributes(instance)) return Check::kAttribute;
  if (instance.left.cpu < request_.needs.cpu) return Check::kCpu;
  if (instance.left.memory < request_.needs.memory) return Check::kMemory;
  if (!HasPorts(instance.left)) return Check::kPorts;
  if (request_.distinct_instance) {
    const int64_t* tasks = instance.tasks_by_group.Find(group_);
    if (tasks != nullptr && *tasks > 0) return Check::kDistinctInstance;
  }
  for (const Query& query : request_.member_of) {
    if (!query.Matches(instance)) return Check::kMemberOf;
  }
  return std::nullopt;
}

bool Fitness::HasAttributes(const Instance& instance) {
  const auto& attributes = instance.attributes;
  if (!last_ || last_->signature != attributes.signature()) {
    last_ = {.signature = attributes.signature(),
             .has_all = std::all_of(required_.begin(), required_.end(),
                                    [&](const Name& name) { return attributes.Contains(name); })};
  }
  if (!last_->has_all) return false;
  return std::all_of(required_values_.begin(), required_values_.end(),
                     [&](ValuedAttribute& required) {
                       const auto* value = required.finder.In(attributes);
                       return value != nullptr && *value == required.value;
                     });
}

bool Fitness::HasPorts(const Resources& left) const {
  return !Meet(request_.needs.tcp_ports, left.tcp_ports) &&
         !Meet(request_.needs.udp_ports, left.udp_ports);
}

}  // namespace berth::scheduler::placement
