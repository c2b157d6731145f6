#include "ecs/security_group.h"

#include <arpa/inet.h>

#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "ecs/place.h"
#include "ecs/read.h"

namespace berth::ecs {
namespace {

constexpr size_t kMostRules = 60;

enum class Family { kIpv4 = AF_INET, kIpv6 = AF_INET6 };

// EC2 clears the bits behind the prefix itself, and so does who uses the range.
bool IsCidr(const std::string& text, Family family) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return false;
  const auto prefix = ParseInteger<uint8_t>(std::string_view(text).substr(slash + 1));
  in6_addr address;
  return prefix && *prefix <= (family == Family::kIpv4 ? 32 : 128) &&
         ::inet_pton(static_cast<int>(family), text.substr(0, slash).c_str(), &address) == 1;
}

void CheckDescription(const std::optional<std::string>& description, const Place& at) {
  if (description && description->size() > 255) {
    at["Description"].Complain("must have at most 255 bytes, not {}", description->size());
  }
}

void CheckGroupId(std::string_view id, const Place& at) {
  if (!at.CheckGiven("GroupId", id) || IsMadeOf(id, "-_")) return;
  at["GroupId"].Complain("must be an id as sg-0123abcd, not {}", QuoteJson(id));
}

bool IsIcmp(std::string_view protocol) {
  return protocol == "icmp" || protocol == "icmpv6" || protocol == "1" || protocol == "58";
}

bool HasPorts(std::string_view protocol) {
  return protocol == "tcp" || protocol == "udp" || protocol == "6" || protocol == "17";
}

void CheckProtocol(const std::string& protocol, const Place& at) {
  if (!at.CheckGiven("IpProtocol", protocol)) return;
  if (HasPorts(protocol) || IsIcmp(protocol) || protocol == "-1") return;
  if (ParseInteger<uint8_t>(protocol)) return;
  at["IpProtocol"].Complain("must be -1, tcp, udp, icmp, icmpv6 or a number from 0 to 255, not {}",
                            QuoteJson(protocol));
}

void CheckPortRange(const IpPermission& permission, const Place& at) {
  const bool icmp = IsIcmp(permission.IpProtocol);
  if (!icmp && !HasPorts(permission.IpProtocol)) return;
  const int64_t from = permission.FromPort.value_or(-1);
  const int64_t to = permission.ToPort.value_or(-1);
  const int64_t most = icmp ? 255 : 65535;
  at["FromPort"].CheckRange(from, -1, most);
  at["ToPort"].CheckRange(to, -1, most);
  if (icmp) return;
  if ((from == -1) != (to == -1)) at.Complain("FromPort and ToPort must be given together");
  if (from > to && to != -1) {
    at["ToPort"].Complain("must not be less than FromPort ({}), not {}", from, to);
  }
}

// What `permission` counts for: EC2 counts each peer.
size_t CheckPermission(const IpPermission& permission, const Place& at) {
  CheckProtocol(permission.IpProtocol, at);
  CheckPortRange(permission, at);
  for (size_t i = 0; i < permission.IpRanges.size(); ++i) {
    const auto& [cidr, description] = permission.IpRanges[i];
    const Place range = at["IpRanges"][i];
    CheckDescription(description, range);
    if (!range.CheckGiven("CidrIp", cidr) || IsCidr(cidr, Family::kIpv4)) continue;
    range["CidrIp"].Complain("must be an IPv4 range as 10.0.0.0/8, not {}", QuoteJson(cidr));
  }
  for (size_t i = 0; i < permission.Ipv6Ranges.size(); ++i) {
    const auto& [cidr, description] = permission.Ipv6Ranges[i];
    const Place range = at["Ipv6Ranges"][i];
    CheckDescription(description, range);
    if (!range.CheckGiven("CidrIpv6", cidr) || IsCidr(cidr, Family::kIpv6)) continue;
    range["CidrIpv6"].Complain("must be an IPv6 range as fd00::/8, not {}", QuoteJson(cidr));
  }
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
  const size_t peers = permission.IpRanges.size() + permission.Ipv6Ranges.size() +
                       permission.PrefixListIds.size() + permission.UserIdGroupPairs.size();
  if (peers == 0) at.Complain("must name a range, a prefix list or a group");
  return peers;
}

void CheckDirection(const std::vector<IpPermission>& permissions, const Place& at) {
  size_t rules = 0;
  for (size_t i = 0; i < permissions.size(); ++i) rules += CheckPermission(permissions[i], at[i]);
  if (rules > kMostRules) at.Complain("must have at most {} rules, not {}", kMostRules, rules);
}

void CheckGroup(const SecurityGroup& group, const Place& at) {
  CheckGroupId(group.GroupId, at);
  if (group.GroupName.size() > 255) at["GroupName"].Complain("must have at most 255 bytes");
  CheckDirection(group.IpPermissions, at["IpPermissions"]);
  CheckDirection(group.IpPermissionsEgress, at["IpPermissionsEgress"]);
}

}  // namespace

Result<std::vector<SecurityGroup>> ParseSecurityGroups(std::string_view json) {
  const Json document = TRY(ParseInput(json));
  JsonProblems problems;
  std::vector<SecurityGroup> groups;
  const JsonReader in(document, problems);
  Place at(problems);
  RefuseNul(in);
  const bool in_answer = in.IsObject() && document.contains("SecurityGroups");
  const bool single = in.IsObject() && !in_answer;
  if (in_answer) {
    in.Read("SecurityGroups", groups);
    (void)in.Find("ResponseMetadata");
    in.RefuseOtherFields();
    at = at["SecurityGroups"];
  } else if (single) {
    ReadJson(in, groups.emplace_back());
  } else {
    ReadJson(in, groups);
  }
  TRY(problems.Check());
  std::set<std::string_view> ids;
  for (size_t i = 0; i < groups.size(); ++i) {
    const Place place = single ? at : at[i];
    CheckGroup(groups[i], place);
    if (!ids.insert(groups[i].GroupId).second) place["GroupId"].Complain("is given twice");
  }
  TRY(problems.Check());
  return groups;
}

}  // namespace berth::ecs
