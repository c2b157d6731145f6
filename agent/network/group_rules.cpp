#include "agent/network/group_rules.h"

#include <netinet/in.h>

#include "ecs/permission_rules.h"

namespace berth::agent {
namespace {

// Everything of a rule but its peer.
Result<net::Rule> Template(const ecs::IpPermission& permission) {
  const auto protocol = ecs::ProtocolNumber(permission.IpProtocol);
  if (!protocol) return MakeError("IpProtocol: {} is no protocol", permission.IpProtocol);
  net::Rule rule;
  if (*protocol == ecs::kAnyProtocol) return rule;
  rule.protocol = static_cast<uint8_t>(*protocol);
  const auto from = static_cast<int>(permission.FromPort.value_or(-1));
  const auto to = static_cast<int>(permission.ToPort.value_or(-1));
  if (*protocol == IPPROTO_ICMP || *protocol == IPPROTO_ICMPV6) {
    if (from >= 0) rule.icmp = {.type = from, .code = to};
  } else if (*protocol == IPPROTO_TCP || *protocol == IPPROTO_UDP) {
    // A scheduler of before may have stored what has no ports: all of them.
    if (from >= 0)
      rule.ports = {.first = static_cast<uint16_t>(from), .last = static_cast<uint16_t>(to)};
  }
  return rule;
}

Result<void> AddRules(const ecs::IpPermission& permission, std::vector<net::Rule>& rules) {
  const net::Rule rule = TRY(Template(permission));
  const auto add = [&](auto peer) {
    rules.push_back(rule);
    rules.back().peer = std::move(peer);
  };
  for (const ecs::IpRange& range : permission.IpRanges) {
    add(TRY(net::Ipv4Cidr::ParseLeniently(range.CidrIp)));
  }
  for (const ecs::Ipv6Range& range : permission.Ipv6Ranges) {
    add(TRY(net::Ipv6Cidr::ParseLeniently(range.CidrIpv6)));
  }
  for (const ecs::UserIdGroupPair& pair : permission.UserIdGroupPairs) {
    add(net::GroupReference{.groupId = pair.GroupId});
  }
  return {};
}

}  // namespace

Result<net::SecurityGroup> ToNetGroup(const ecs::SecurityGroup& group,
                                      const std::vector<ecs::ManagedPrefixList>& lists) {
  const ecs::SecurityGroup expanded = TRY(ecs::ExpandPrefixLists(group, lists));
  net::SecurityGroup result = {.id = group.GroupId};
  for (size_t i = 0; i < expanded.IpPermissions.size(); ++i) {
    TRY(AddRules(expanded.IpPermissions[i], result.ingress)
            .Context("{}.IpPermissions[{}]", group.GroupId, i));
  }
  for (size_t i = 0; i < expanded.IpPermissionsEgress.size(); ++i) {
    TRY(AddRules(expanded.IpPermissionsEgress[i], result.egress)
            .Context("{}.IpPermissionsEgress[{}]", group.GroupId, i));
  }
  TRY(net::CheckGroup(result));
  return result;
}

}  // namespace berth::agent
