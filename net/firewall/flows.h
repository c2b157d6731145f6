// Flows that the kernel tracks (nf_conntrack): which there are, and having it forget some.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/addresses/ipv6.h"
#include "net/firewall/security_group.h"
#include "net/netlink.h"

namespace berth::net {

/// From where to where packets go in one direction of a flow. Ports: 0 where the protocol has none.
struct FlowEnds {
  IpAddress source;
  IpAddress destination;
  uint16_t sourcePort = 0;
  uint16_t destinationPort = 0;
};

/// A flow that the kernel tracks.
struct TrackedFlow {
  uint8_t protocol = 0;
  FlowEnds original;             // as its first packet was sent
  FlowEnds reply;                // as the answers are: without NAT the same turned round
  std::optional<IcmpKind> icmp;  // of the first packet, if it was ICMP or ICMPv6
  /// What names it to the kernel: CTA_TUPLE_ORIG, and CTA_ID, which tells it from a later one that
  /// looks the same.
  std::string tuple;
  std::string id;
};

// `netfilter`: a NETLINK_NETFILTER socket, whose namespace is the thread's as well.

/// All of one family: reads the whole table.
Result<std::vector<TrackedFlow>> ListFlows(NetlinkSocket& netfilter, IpFamily family);

/// Makes the kernel forget the flows: their next packets are judged as new ones. One that has ended
/// meanwhile is no error.
Result<void> ForgetFlows(NetlinkSocket& netfilter, const std::vector<TrackedFlow>& flows);

/// Makes the kernel forget the UDP flows to these ports of the host. UDP has no end of its own:
/// while a client keeps sending, its flow keeps leading to where the port led when it began, be
/// that a task that has gone or the host itself. Only for where UDP ports are published.
Result<void> ForgetUdpFlows(NetlinkSocket& netfilter, const std::set<uint16_t>& host_ports);

/// Makes the kernel forget every flow that one of these addresses began or that led to it. A flow
/// outlives its task by up to five days, and would let whoever gets the address next speak and be
/// spoken to past its own groups. The kernel looks through its whole table for it, but tells of
/// these flows alone.
Result<void> ForgetFlowsOf(NetlinkSocket& netfilter, const std::vector<IpAddress>& addresses);

}  // namespace berth::net
