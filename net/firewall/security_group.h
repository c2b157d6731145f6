// Security groups as EC2 has them: allow rules alone, the union of all groups of an interface,
// stateful (docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "net/addresses/address.h"
#include "net/addresses/ipv6.h"
#include "net/ports/port_pool.h"

namespace berth::net {

/// The members of another group (or the same), by its id.
struct GroupReference {
  std::string groupId;
  bool operator==(const GroupReference&) const = default;
};

/// A type and code of ICMP or ICMPv6; -1 is any, as in EC2's FromPort and ToPort.
struct IcmpKind {
  int type = -1;
  int code = -1;
  bool operator==(const IcmpKind&) const = default;
};

/// What is let through. A rule without `protocol` is EC2's "-1": everything.
struct Rule {
  std::optional<uint8_t> protocol;  // an IP protocol number
  std::optional<PortRange> ports;   // TCP and UDP only; none: all
  std::optional<IcmpKind> icmp;     // ICMP and ICMPv6 only; none: all
  /// Where it may come from (ingress) or go to (egress). A group is both families' addresses of its
  /// members; ICMP is IPv4's alone and ICMPv6 IPv6's.
  std::variant<Ipv4Cidr, Ipv6Cidr, GroupReference> peer;

  bool operator==(const Rule&) const = default;
};

/// A security group. Its id is 1 to 64 letters, digits and hyphens, and names its nftables chains.
struct SecurityGroup {
  std::string id;
  std::vector<Rule> ingress;
  std::vector<Rule> egress;

  bool operator==(const SecurityGroup&) const = default;
};

/// EC2's default group: from its own members everything, to everywhere everything, in both
/// families.
SecurityGroup DefaultGroup(std::string id = "sg-default");

/// How many rules a group may have a direction and family: EC2's quota. A group as the peer counts
/// for each family that the rule is about.
inline constexpr size_t kMostRules = 60;
/// How many groups an interface may have (awsvpcConfiguration).
inline constexpr size_t kMostGroups = 5;

/// Whether the rule can let through anything of that family.
bool IsAboutIpv4(const Rule& rule);
bool IsAboutIpv6(const Rule& rule);

/// Fails, naming the group and the rule (`sg-web ingress[2]`), for what could not be enforced as
/// written: ports without TCP or UDP, a range the wrong way round, ICMP to a block of IPv6, an id
/// that is no name, more than kMostRules.
Result<void> CheckGroup(const SecurityGroup& group);

}  // namespace berth::net
