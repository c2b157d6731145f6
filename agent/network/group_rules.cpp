#include "agent/network/group_rules.h"

#include <netinet/in.h>

#include "base/text.h"

namespace berth::agent {
namespace {

// Everything of a rule but its peer.
Result<net::Rule> Template(const ecs::IpPermission& permission) {
  net::Rule rule;
  const std::string& protocol = permission.IpProtocol;
  if (protocol == "-1") return rule;
  if (protocol == "icmpv6" || protocol == "58") {
    return MakeError("IpProtocol: {} is not supported yet: tasks have no IPv6", protocol);
  }
  rule.protocol = protocol == "tcp"    ? IPPROTO_TCP
                  : protocol == "udp"  ? IPPROTO_UDP
                  : protocol == "icmp" ? IPPROTO_ICMP
                                       : ParseInteger<uint8_t>(protocol);
  if (!rule.protocol) return MakeError("IpProtocol: {} is no protocol", protocol);
  const int64_t from = permission.FromPort.value_or(-1);
  const int64_t to = permission.ToPort.value_or(-1);
  if (*rule.protocol == IPPROTO_ICMP) {
    if (from >= 0) rule.icmp = {.type = static_cast<int>(from), .code = static_cast<int>(to)};
  } else if ((*rule.protocol == IPPROTO_TCP || *rule.protocol == IPPROTO_UDP) && from >= 0) {
    rule.ports = {.first = static_cast<uint16_t>(from), .last = static_cast<uint16_t>(to)};
  }
  return rule;
}

Result<void> AddRules(const ecs::IpPermission& permission, std::vector<net::Rule>& rules) {
  const net::Rule rule = TRY(Template(permission));
  if (!permission.Ipv6Ranges.empty()) {
    return MakeError("Ipv6Ranges is not supported yet: tasks have no IPv6");
  }
  if (!permission.PrefixListIds.empty()) return MakeError("PrefixListIds is not supported yet");
  for (const ecs::IpRange& range : permission.IpRanges) {
    rules.push_back(rule);
    rules.back().peer = TRY(net::Ipv4Cidr::Parse(range.CidrIp));
  }
  for (const ecs::UserIdGroupPair& pair : permission.UserIdGroupPairs) {
    rules.push_back(rule);
    rules.back().peer = net::GroupReference{.groupId = pair.GroupId};
  }
  return {};
}

}  // namespace

Result<net::SecurityGroup> ToNetGroup(const ecs::SecurityGroup& group) {
  net::SecurityGroup result = {.id = group.GroupId};
  for (size_t i = 0; i < group.IpPermissions.size(); ++i) {
    TRY(AddRules(group.IpPermissions[i], result.ingress)
            .Context("{}.IpPermissions[{}]", group.GroupId, i));
  }
  for (size_t i = 0; i < group.IpPermissionsEgress.size(); ++i) {
    TRY(AddRules(group.IpPermissionsEgress[i], result.egress)
            .Context("{}.IpPermissionsEgress[{}]", group.GroupId, i));
  }
  TRY(net::CheckGroup(result));
  return result;
}

}  // namespace berth::agent
