#include "net/firewall/security_group.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "net/name.h"

namespace berth::net {
namespace {

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
    if (rule.protocol != IPPROTO_ICMP && rule.protocol != IPPROTO_ICMPV6) {
      return "has an ICMP type, but its protocol is neither ICMP (1) nor ICMPv6 (58)";
    }
    const auto in_range = [](int value) { return value >= -1 && value <= 255; };
    if (!in_range(rule.icmp->type) || !in_range(rule.icmp->code)) {
      return "has an ICMP type or code outside -1 to 255";
    }
    if (rule.icmp->type == -1 && rule.icmp->code != -1) return "has an ICMP code without a type";
  }
  if (!IsAboutIpv4(rule) && !IsAboutIpv6(rule)) {
    return rule.protocol == IPPROTO_ICMP
               ? "has ICMP (1) with a block of IPv6, which has ICMPv6 (58)"
               : "has ICMPv6 (58) with a block of IPv4, which has ICMP (1)";
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
  const auto check_quota = [&](const char* family, auto is_about) -> Result<void> {
    const auto count = std::count_if(rules.begin(), rules.end(), is_about);
    if (static_cast<size_t>(count) <= kMostRules) return {};
    return MakeError("security group {} has {} {} rules for {}; {} are allowed", id, count,
                     direction, family, kMostRules);
  };
  TRY(check_quota("IPv4", IsAboutIpv4));
  TRY(check_quota("IPv6", IsAboutIpv6));
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
  group.egress.push_back({.peer = Ipv6Cidr()});
  return group;
}

bool IsAboutIpv4(const Rule& rule) {
  return !std::holds_alternative<Ipv6Cidr>(rule.peer) && rule.protocol != IPPROTO_ICMPV6;
}

bool IsAboutIpv6(const Rule& rule) {
  return !std::holds_alternative<Ipv4Cidr>(rule.peer) && rule.protocol != IPPROTO_ICMP;
}

Result<void> CheckGroup(const SecurityGroup& group) {
  if (!IsName(group.id)) return MakeError("security group \"{}\": {}", group.id, kNameRule);
  TRY(CheckRules(group.id, "ingress", group.ingress));
  return CheckRules(group.id, "egress", group.egress);
}

}  // namespace berth::net
