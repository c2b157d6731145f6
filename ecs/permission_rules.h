// What EC2 asks of the permissions of a security group (AuthorizeSecurityGroupIngress and
// IpPermission of its API reference; the quotas of the VPC user guide).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "ecs/place.h"
#include "ecs/security_group.h"

namespace berth::ecs {

/// Of the rules of one direction, for each family.
inline constexpr size_t kMostRulesOfFamily = 60;

/// Every protocol: IpProtocol "-1".
inline constexpr int kAnyProtocol = -1;

/// The number of the protocol that IpProtocol names: "tcp", "udp", "icmp", "icmpv6", a number from
/// 0 to 255, or kAnyProtocol. Nothing if it is none of these.
std::optional<int> ProtocolNumber(std::string_view protocol);

/// How many rules permissions are, a peer each. A group counts for each family that its protocol
/// has.
struct RuleCount {
  size_t ipv4 = 0;
  size_t ipv6 = 0;
};
RuleCount CountRules(const std::vector<IpPermission>& permissions);

/// Complains about everything that EC2 would refuse in the permissions of one direction. Prefix
/// lists count once their entries are known (ExpandPrefixLists).
void CheckPermissions(const std::vector<IpPermission>& permissions, const Place& at);

/// Complains if the permissions are more than kMostRulesOfFamily.
void CheckRuleCount(const std::vector<IpPermission>& permissions, const Place& at);

/// Complains unless `id` may be a security group's: 1 to 64 letters, digits and hyphens.
void CheckGroupId(std::string_view id, const Place& at);
/// Complains if a description is longer than EC2 has it.
void CheckDescription(const std::optional<std::string>& description, const Place& at);

/// Whether `text` is ADDRESS/PREFIX. EC2 clears the bits behind the prefix, and so does who uses
/// it.
enum class CidrFamily { kIpv4, kIpv6 };
bool IsCidr(std::string_view text, CidrFamily family);

}  // namespace berth::ecs
