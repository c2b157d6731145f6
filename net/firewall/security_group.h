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
#include "net/ports/port_pool.h"

namespace berth::net {

/// The members of another group (or the same), by its id.
struct GroupReference {
  std::string groupId;
  bool operator==(const GroupReference&) const = default;
};

/// An ICMP type and code; -1 is any, as in EC2's FromPort and ToPort.
struct IcmpKind {
  int type = -1;
  int code = -1;
  bool operator==(const IcmpKind&) const = default;
};

/// What is let through. A rule without `protocol` is EC2's "-1": everything.
struct Rule {
  std::optional<uint8_t> protocol;  // an IP protocol number
  std::optional<PortRange> ports;   // TCP and UDP only; none: all
  std::optional<IcmpKind> icmp;     // ICMP only; none: all
  /// Where it may come from (ingress) or go to (egress).
  std::variant<Ipv4Cidr, GroupReference> peer;
};

/// A security group. Its id is 1 to 64 letters, digits and hyphens, and names its nftables chains.
struct SecurityGroup {
  std::string id;
  std::vector<Rule> ingress;
  std::vector<Rule> egress;
};

/// EC2's default group: from its own members everything, to everywhere everything.
SecurityGroup DefaultGroup(std::string id = "sg-default");

/// Fails, naming the group and the rule (`sg-web ingress[2]`), for what could not be enforced as
/// written: ports without TCP or UDP, a range the wrong way round, an id that is no name, more than
/// 60 rules a direction (EC2's quota).
Result<void> CheckGroup(const SecurityGroup& group);

}  // namespace berth::net
