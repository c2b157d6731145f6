// What security groups say to a new flow, worked out here instead of by the kernel: for flows that
// began under older rules.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "net/firewall/flows.h"
#include "net/firewall/security_group.h"

namespace berth::net {

/// The first packet of a flow as the rules see it: addresses of before what leaves is masqueraded,
/// and of after what comes to published ports is redirected.
struct FirstPacket {
  uint8_t protocol = 0;
  IpAddress source;
  IpAddress destination;
  uint16_t destinationPort = 0;  // TCP and UDP
  IcmpKind icmp = {};            // ICMP and ICMPv6
};
FirstPacket FirstPacketOf(const TrackedFlow& flow);

/// Groups by their ids: what they allow, and the addresses of both families that are in them.
struct GroupsAtWork {
  std::map<std::string, SecurityGroup> groups;
  std::map<std::string, std::set<IpAddress>> members;
};

/// Whether one of the rules lets the packet come from `peer` (ingress) or go to it (egress).
bool AnyAllows(const std::vector<Rule>& rules, const IpAddress& peer, const FirstPacket& packet,
               const GroupsAtWork& at_work);

/// Whether the rules refuse the packet: those of whom it comes from, of whom it goes to, or both.
/// A side in none of the `judged` groups is not asked, nor one in a group whose rules are not
/// known.
bool AreRefusing(const GroupsAtWork& at_work, const std::set<std::string>& judged,
                 const FirstPacket& packet);

}  // namespace berth::net
