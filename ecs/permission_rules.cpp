#include "ecs/permission_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/text.h"

namespace berth::ecs {
namespace {

constexpr std::pair<std::string_view, int> kNamedProtocols[] = {{"-1", kAnyProtocol},
                                                                {"tcp", IPPROTO_TCP},
                                                                {"udp", IPPROTO_UDP},
                                                                {"icmp", IPPROTO_ICMP},
                                                                {"icmpv6", IPPROTO_ICMPV6}};

bool HasPorts(int protocol) { return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP; }
bool IsIcmp(int protocol) { return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6; }

void CheckPorts(const IpPermission& permission, const Place& at) {
  if (!permission.FromPort || !permission.ToPort) {
    at.Complain("FromPort and ToPort are required with IpProtocol {}", permission.IpProtocol);
    return;
  }
  at["FromPort"].CheckRange(*permission.FromPort, 0, 65535);
  at["ToPort"].CheckRange(*permission.ToPort, 0, 65535);
  if (*permission.FromPort > *permission.ToPort) {
    at["ToPort"].Complain("must not be less than FromPort ({}), not {}", *permission.FromPort,
                          *permission.ToPort);
  }
}

// FromPort is the type, ToPort the code. ICMPv6 may go without, which is every type.
void CheckIcmpKind(const IpPermission& permission, int protocol, const Place& at) {
  if (permission.FromPort.has_value() != permission.ToPort.has_value()) {
    at.Complain("FromPort and ToPort must be given together");
    return;
  }
  if (!permission.FromPort) {
    if (protocol == IPPROTO_ICMP) {
      at.Complain("FromPort (type) and ToPort (code) are required with IpProtocol {}; -1 is any",
                  permission.IpProtocol);
    }
    return;
  }
  at["FromPort"].CheckRange(*permission.FromPort, -1, 255);
  at["ToPort"].CheckRange(*permission.ToPort, -1, 255);
  if (*permission.FromPort == -1 && *permission.ToPort != -1) {
    at["ToPort"].Complain("must be -1 where FromPort is -1, not {}", *permission.ToPort);
  }
}

void CheckProtocol(const IpPermission& permission, const Place& at) {
  if (!at.CheckGiven("IpProtocol", permission.IpProtocol)) return;
  const auto protocol = ProtocolNumber(permission.IpProtocol);
  if (!protocol) {
    at["IpProtocol"].Complain(
        "must be -1, tcp, udp, icmp, icmpv6 or a number from 0 to 255, not {}",
        QuoteJson(permission.IpProtocol));
    return;
  }
  if (HasPorts(*protocol)) CheckPorts(permission, at);
  if (IsIcmp(*protocol)) CheckIcmpKind(permission, *protocol, at);
  if (*protocol == IPPROTO_ICMP && !permission.Ipv6Ranges.empty()) {
    at["Ipv6Ranges"].Complain("must not be given with IpProtocol {}: IPv6 has icmpv6",
                              permission.IpProtocol);
  }
  if (*protocol == IPPROTO_ICMPV6 && !permission.IpRanges.empty()) {
    at["IpRanges"].Complain("must not be given with IpProtocol {}: IPv4 has icmp",
                            permission.IpProtocol);
  }
}

void CheckRanges(const IpPermission& permission, const Place& at) {
  for (size_t i = 0; i < permission.IpRanges.size(); ++i) {
    const auto& [cidr, description] = permission.IpRanges[i];
    const Place range = at["IpRanges"][i];
    CheckDescription(description, range);
    if (!range.CheckGiven("CidrIp", cidr) || IsCidr(cidr, CidrFamily::kIpv4)) continue;
    range["CidrIp"].Complain("must be an IPv4 range as 10.0.0.0/8, not {}", QuoteJson(cidr));
  }
  for (size_t i = 0; i < permission.Ipv6Ranges.size(); ++i) {
    const auto& [cidr, description] = permission.Ipv6Ranges[i];
    const Place range = at["Ipv6Ranges"][i];
    CheckDescription(description, range);
    if (!range.CheckGiven("CidrIpv6", cidr) || IsCidr(cidr, CidrFamily::kIpv6)) continue;
    range["CidrIpv6"].Complain("must be an IPv6 range as fd00::/8, not {}", QuoteJson(cidr));
  }
}

void CheckPermission(const IpPermission& permission, const Place& at) {
  CheckProtocol(permission, at);
  CheckRanges(permission, at);
  for (size_t i = 0; i < permission.PrefixListIds.size(); ++i) {
    const Place list = at["PrefixListIds"][i];
    CheckDescription(permission.PrefixListIds[i].Description, list);
    list.CheckGiven("PrefixListId", permission.PrefixListIds[i].PrefixListId);
  }
  for (size_t i = 0; i < permission.UserIdGroupPairs.size(); ++i) {
    const Place pair = at["UserIdGroupPairs"][i];
    CheckDescription(permission.UserIdGroupPairs[i].Description, pair);
    CheckGroupId(permission.UserIdGroupPairs[i].GroupId, pair);
  }
  if (permission.IpRanges.empty() && permission.Ipv6Ranges.empty() &&
      permission.PrefixListIds.empty() && permission.UserIdGroupPairs.empty()) {
    at.Complain("must name a range, a prefix list or a group");
  }
}

}  // namespace

std::optional<int> ProtocolNumber(std::string_view protocol) {
  for (const auto& [name, number] : kNamedProtocols) {
    if (protocol == name) return number;
  }
  return ParseInteger<uint8_t>(protocol);
}

RuleCount CountRules(const std::vector<IpPermission>& permissions) {
  RuleCount count;
  for (const IpPermission& permission : permissions) {
    const auto protocol = ProtocolNumber(permission.IpProtocol);
    const size_t groups = permission.UserIdGroupPairs.size();
    count.ipv4 += permission.IpRanges.size() + (protocol == IPPROTO_ICMPV6 ? 0 : groups);
    count.ipv6 += permission.Ipv6Ranges.size() + (protocol == IPPROTO_ICMP ? 0 : groups);
  }
  return count;
}

void CheckPermissions(const std::vector<IpPermission>& permissions, const Place& at) {
  for (size_t i = 0; i < permissions.size(); ++i) CheckPermission(permissions[i], at[i]);
  CheckRuleCount(permissions, at);
}

void CheckRuleCount(const std::vector<IpPermission>& permissions, const Place& at) {
  const RuleCount count = CountRules(permissions);
  const auto check = [&](std::string_view family, size_t rules) {
    if (rules <= kMostRulesOfFamily) return;
    at.Complain("must have at most {} rules for {}, not {}", kMostRulesOfFamily, family, rules);
  };
  check("IPv4", count.ipv4);
  check("IPv6", count.ipv6);
}

void CheckGroupId(std::string_view id, const Place& at) {
  if (!at.CheckGiven("GroupId", id) || (IsMadeOf(id, "-") && id.size() <= 64)) return;
  at["GroupId"].Complain(
      "must be an id of at most 64 letters, digits and hyphens, as sg-0123abcd, not {}",
      QuoteJson(id));
}

void CheckDescription(const std::optional<std::string>& description, const Place& at) {
  if (description && description->size() > 255) {
    at["Description"].Complain("must have at most 255 bytes, not {}", description->size());
  }
}

bool IsCidr(std::string_view text, CidrFamily family) {
  const bool ipv4 = family == CidrFamily::kIpv4;
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view length = text.substr(slash + 1);
  const auto prefix = ParseInteger<uint8_t>(length);
  if (!prefix || *prefix > (ipv4 ? 32 : 128) || (length.size() > 1 && length[0] == '0')) {
    return false;
  }
  in6_addr address;
  return ::inet_pton(ipv4 ? AF_INET : AF_INET6, std::string(text.substr(0, slash)).c_str(),
                     &address) == 1;
}

}  // namespace berth::ecs
