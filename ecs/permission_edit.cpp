#include "ecs/permission_edit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "base/text.h"
#include "ecs/permission_rules.h"

namespace berth::ecs {
namespace {

std::string CanonicalProtocol(const std::string& protocol) {
  switch (ProtocolNumber(protocol).value_or(kAnyProtocol)) {
    case kAnyProtocol:
      return "-1";
    case IPPROTO_TCP:
      return "tcp";
    case IPPROTO_UDP:
      return "udp";
    case IPPROTO_ICMP:
      return "icmp";
    case IPPROTO_ICMPV6:
      return "icmpv6";
    default:
      return std::to_string(*ProtocolNumber(protocol));
  }
}

// Protocol and ports, no peers.
IpPermission Frame(const IpPermission& permission) {
  IpPermission frame = {.IpProtocol = CanonicalProtocol(permission.IpProtocol)};
  const std::string& protocol = frame.IpProtocol;
  const bool icmp = protocol == "icmp" || protocol == "icmpv6";
  if (icmp) {
    frame.FromPort = permission.FromPort.value_or(-1);
    frame.ToPort = permission.ToPort.value_or(-1);
  } else if (protocol == "tcp" || protocol == "udp") {
    frame.FromPort = permission.FromPort;
    frame.ToPort = permission.ToPort;
  }
  return frame;
}

// ADDRESS/PREFIX that IsCidr has found to be one, without the bits behind the prefix.
std::string CanonicalCidr(const std::string& cidr) {
  const size_t slash = cidr.find('/');
  const std::string address = cidr.substr(0, slash);
  const int family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  const size_t size = family == AF_INET ? 4 : 16;
  const auto prefix = ParseInteger<uint8_t>(std::string_view(cidr).substr(slash + 1)).value_or(0);
  unsigned char bytes[16] = {};
  if (::inet_pton(family, address.c_str(), bytes) != 1) return cidr;
  for (size_t bit = prefix; bit < size * 8; ++bit) bytes[bit / 8] &= ~(0x80U >> bit % 8);
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(family, bytes, text, sizeof text);
  return fmt::format("{}/{}", text, prefix);
}

// A permission for each peer.
std::vector<IpPermission> SplitIntoRules(const std::vector<IpPermission>& permissions) {
  std::vector<IpPermission> rules;
  for (const IpPermission& permission : permissions) {
    const IpPermission frame = Frame(permission);
    for (IpRange range : permission.IpRanges) {
      range.CidrIp = CanonicalCidr(range.CidrIp);
      rules.emplace_back(frame).IpRanges = {std::move(range)};
    }
    for (Ipv6Range range : permission.Ipv6Ranges) {
      range.CidrIpv6 = CanonicalCidr(range.CidrIpv6);
      rules.emplace_back(frame).Ipv6Ranges = {std::move(range)};
    }
    for (const PrefixList& list : permission.PrefixListIds) {
      rules.emplace_back(frame).PrefixListIds = {list};
    }
    for (const UserIdGroupPair& pair : permission.UserIdGroupPairs) {
      rules.emplace_back(frame).UserIdGroupPairs = {pair};
    }
  }
  return rules;
}

// How messages call a rule, and what tells two apart: "tcp 80-80 of 10.0.0.0/8".
std::string NameOfRule(const IpPermission& rule) {
  std::string name = rule.IpProtocol == "-1" ? "all traffic" : rule.IpProtocol;
  if (rule.FromPort) name += fmt::format(" {}-{}", *rule.FromPort, rule.ToPort.value_or(-1));
  std::string peer;
  if (!rule.IpRanges.empty()) peer = rule.IpRanges.front().CidrIp;
  if (!rule.Ipv6Ranges.empty()) peer = rule.Ipv6Ranges.front().CidrIpv6;
  if (!rule.PrefixListIds.empty()) peer = rule.PrefixListIds.front().PrefixListId;
  if (!rule.UserIdGroupPairs.empty()) peer = rule.UserIdGroupPairs.front().GroupId;
  return fmt::format("{} of {}", name, peer);
}

template <typename Peer>
void Append(std::vector<Peer>& to, const std::vector<Peer>& peers) {
  to.insert(to.end(), peers.begin(), peers.end());
}

std::vector<IpPermission> Gather(const std::vector<IpPermission>& rules) {
  std::vector<IpPermission> permissions;
  for (const IpPermission& rule : rules) {
    const auto same_frame = [&](const IpPermission& other) { return Frame(other) == Frame(rule); };
    auto home = std::find_if(permissions.begin(), permissions.end(), same_frame);
    if (home == permissions.end()) home = permissions.insert(home, Frame(rule));
    Append(home->IpRanges, rule.IpRanges);
    Append(home->Ipv6Ranges, rule.Ipv6Ranges);
    Append(home->PrefixListIds, rule.PrefixListIds);
    Append(home->UserIdGroupPairs, rule.UserIdGroupPairs);
  }
  return permissions;
}

auto FindRule(std::vector<IpPermission>& rules, const IpPermission& wanted) {
  const std::string name = NameOfRule(wanted);
  return std::find_if(rules.begin(), rules.end(),
                      [&](const IpPermission& rule) { return NameOfRule(rule) == name; });
}

}  // namespace

Result<void> AuthorizePermissions(std::vector<IpPermission>& permissions,
                                  const std::vector<IpPermission>& added) {
  std::vector<IpPermission> rules = SplitIntoRules(permissions);
  for (IpPermission& rule : SplitIntoRules(added)) {
    if (FindRule(rules, rule) != rules.end()) {
      return MakeError("InvalidPermission.Duplicate: the rule {} is there already",
                       NameOfRule(rule));
    }
    rules.push_back(std::move(rule));
  }
  permissions = Gather(rules);
  return {};
}

Result<void> RevokePermissions(std::vector<IpPermission>& permissions,
                               const std::vector<IpPermission>& removed) {
  std::vector<IpPermission> rules = SplitIntoRules(permissions);
  for (const IpPermission& rule : SplitIntoRules(removed)) {
    const auto found = FindRule(rules, rule);
    if (found == rules.end()) {
      return MakeError("InvalidPermission.NotFound: there is no rule {}", NameOfRule(rule));
    }
    rules.erase(found);
  }
  permissions = Gather(rules);
  return {};
}

}  // namespace berth::ecs
