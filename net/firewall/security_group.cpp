#include "net/firewall/security_group.h"

#include <netinet/in.h>

#include <utility>

#include "net/name.h"

namespace berth::net {
namespace {

constexpr size_t kRulesPerDirection = 60;

/// What is wrong with a rule; nothing if it is right.
std::optional<std::string> Fault(const Rule& rule) {
  if (rule.ports) {
    if (rule.protocol != IPPROTO_TCP && rule.protocol != IPPROTO_UDP) {
      return "has ports, which only TCP (6) and UDP (17) have";
    }
    if (rule.ports->first > rule.ports->last) {
      return fmt::format("has the ports {}-{} the wrong way round", rule.ports->first,
                         rule.ports->last);
    }
  }
  if (rule.icmp) {
    if (rule.protocol != IPPROTO_ICMP) return "has an ICMP type, but its protocol is not ICMP (1)";
    const auto in_range = [](int value) { return value >= -1 && value <= 255; };
    if (!in_range(rule.icmp->type) || !in_range(rule.icmp->code)) {
      return "has an ICMP type or code outside -1 to 255";
    }
    if (rule.icmp->type == -1 && rule.icmp->code != -1) return "has an ICMP code without a type";
  }
  if (const auto* group = std::get_if<GroupReference>(&rule.peer)) {
    if (!IsName(group->groupId)) {
      return fmt::format("refers to the group \"{}\": {}", group->groupId, kNameRule);
    }
  }
  return std::nullopt;
}

Result<void> CheckRules(const std::string& id, const char* direction,
                        const std::vector<Rule>& rules) {
  if (rules.size() > kRulesPerDirection) {
    return MakeError("security group {} has {} {} rules; {} are allowed", id, rules.size(),
                     direction, kRulesPerDirection);
  }
  for (size_t i = 0; i < rules.size(); ++i) {
    if (const auto fault = Fault(rules[i])) {
      return MakeError("security group {}: {}[{}] {}", id, direction, i, *fault);
    }
  }
  return {};
}

}  // namespace

SecurityGroup DefaultGroup(std::string id) {
  SecurityGroup group{.id = std::move(id)};
  group.ingress.push_back({.peer = GroupReference{group.id}});
  group.egress.push_back({.peer = Ipv4Cidr()});
  return group;
}

Result<void> CheckGroup(const SecurityGroup& group) {
  if (!IsName(group.id)) return MakeError("security group \"{}\": {}", group.id, kNameRule);
  TRY(CheckRules(group.id, "ingress", group.ingress));
  return CheckRules(group.id, "egress", group.egress);
}

}  // namespace berth::net
