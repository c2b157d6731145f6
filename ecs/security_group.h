// A security group in the shape of the EC2 API (describe-security-groups); names are EC2's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::ecs {

struct IpRange {
  /// As "10.0.0.0/8".
  std::string CidrIp;
  std::optional<std::string> Description;

  bool operator==(const IpRange&) const = default;
};

struct Ipv6Range {
  /// As "fd00::/8".
  std::string CidrIpv6;
  std::optional<std::string> Description;

  bool operator==(const Ipv6Range&) const = default;
};

struct PrefixList {
  /// As "pl-6da54004".
  std::string PrefixListId;
  std::optional<std::string> Description;

  bool operator==(const PrefixList&) const = default;
};

struct UserIdGroupPair {
  /// Members of this group are let through; it may be the group itself.
  std::string GroupId;
  std::optional<std::string> GroupName;
  std::optional<std::string> UserId;
  std::optional<std::string> VpcId;
  std::optional<std::string> VpcPeeringConnectionId;
  std::optional<std::string> PeeringStatus;
  std::optional<std::string> Description;

  bool operator==(const UserIdGroupPair&) const = default;
};

/// One permission: a protocol and its ports for every peer that is listed.
struct IpPermission {
  /// "tcp", "udp", "icmp", "icmpv6", a protocol number, or "-1" for all.
  std::string IpProtocol;
  /// First port of TCP and UDP, which must be given; the type of ICMP and ICMPv6, -1: all. Means
  /// nothing for other protocols.
  std::optional<int64_t> FromPort;
  /// Last port, or the code of ICMP and ICMPv6, -1: all.
  std::optional<int64_t> ToPort;
  std::vector<IpRange> IpRanges;
  std::vector<Ipv6Range> Ipv6Ranges;
  std::vector<PrefixList> PrefixListIds;
  std::vector<UserIdGroupPair> UserIdGroupPairs;

  bool operator==(const IpPermission&) const = default;
};

/// The tags of EC2 spell their names with capitals.
struct Ec2Tag {
  std::string Key;
  std::string Value;

  bool operator==(const Ec2Tag&) const = default;
};

struct SecurityGroup {
  std::string GroupId;
  std::string GroupName;
  std::string Description;
  std::string VpcId;
  std::optional<std::string> OwnerId;
  std::optional<std::string> SecurityGroupArn;
  /// Ingress. A connection's answers always pass.
  std::vector<IpPermission> IpPermissions;
  /// Egress.
  std::vector<IpPermission> IpPermissionsEgress;
  std::vector<Ec2Tag> Tags;

  bool operator==(const SecurityGroup&) const = default;
};

/// The group of those who name none.
inline constexpr const char* kDefaultGroupId = "sg-default";
/// As EC2 makes it with a VPC: its members trust each other, and may go anywhere, in both families.
SecurityGroup DefaultSecurityGroup();

/// Reads the output of `aws ec2 describe-security-groups` (`{"SecurityGroups": [...]}`), a list of
/// groups or one group. Fails with every problem found, one a line.
Result<std::vector<SecurityGroup>> ParseSecurityGroups(std::string_view json);

/// Reads what `--ip-permissions` of the AWS CLI takes: a list of permissions, or one. Fails with
/// every problem found, one a line.
Result<std::vector<IpPermission>> ParseIpPermissions(std::string_view json);

/// Fails with everything that is wrong with permissions that were made otherwise.
Result<void> CheckIpPermissions(const std::vector<IpPermission>& permissions);

/// One group on one line; ParseSecurityGroups reads it back equal.
std::string DumpSecurityGroup(const SecurityGroup& group);
/// The groups as describe-security-groups answers, on one line, with every field that EC2 always
/// shows.
std::string DescribeSecurityGroups(const std::vector<SecurityGroup>& groups);

}  // namespace berth::ecs
