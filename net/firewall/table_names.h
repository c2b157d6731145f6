// The sets and chains of the table `inet berth` by their names, and what is in them.
#pragma once

#include "net/addresses/ipv6.h"

namespace berth::net {

/// The comment of the table, which tells its layout.
inline constexpr const char* kLayout = "Berth task networks, layout 11";

/// The sets and maps that each family has, and what is in them for an attachment.
struct FamilySets {
  const char* pins;         // interface . MAC . address it may send as
  const char* ingress;      // address : chain for what it gets
  const char* homes;        // addresses of attachments
  const char* bridge;       // addresses of attachments without groups
  const char* masqueraded;  // addresses unknown outside the host
  const char* ports;        // protocol . host port : address . port
  const char* portsAt;      // the host's address . protocol . host port : address . port
  const char* guarded;      // as `ports`: those that the host's input rules are asked about
  const char* guardedAt;    // as `portsAt`, likewise
  const char* hairpin;      // address . same address, if it has ports
  const char* drops;        // address, counted: what groups kept from it
};
inline constexpr FamilySets kIpv4Sets = {"pins",     "ingress",       "homes",
                                         "bridge",   "masqueraded",   "ports",
                                         "ports_at", "guarded_ports", "guarded_ports_at",
                                         "hairpin",  "ingress_drops"};
inline constexpr FamilySets kIpv6Sets = {"pins6",     "ingress6",       "homes6",
                                         "bridge6",   "masqueraded6",   "ports6",
                                         "ports_at6", "guarded_ports6", "guarded_ports_at6",
                                         "hairpin6",  "ingress_drops6"};
constexpr const FamilySets& SetsOf(IpFamily family) {
  return family == IpFamily::kIpv4 ? kIpv4Sets : kIpv6Sets;
}
inline constexpr IpFamily kFamilies[] = {IpFamily::kIpv4, IpFamily::kIpv6};

/// interface : chain for what it sends, of either family.
inline constexpr const char* kEgress = "egress";
/// interface, counted: what groups kept it from sending, of either family.
inline constexpr const char* kEgressDrops = "egress_drops";

/// Flows that tasks have begun, and those begun to them: interface . part, which counts the flows
/// in it; and the parts that had no room just now (flow_limits.h).
inline constexpr const char* kFlowsOut = "flows_out";
inline constexpr const char* kFlowsIn = "flows_in";
inline constexpr const char* kFullOut = "full_out";
inline constexpr const char* kFullIn = "full_in";
/// interface, counted: packets that would have begun a flow too many.
inline constexpr const char* kFlowDropsOut = "flow_drops_out";
inline constexpr const char* kFlowDropsIn = "flow_drops_in";

// The policy of attachments without groups. (Here and in group_chains.cpp: what an underscore is in
// can't be a group's, whose names have none.)
inline constexpr const char* kBridgeIngressChain = "bridge_ingress";
inline constexpr const char* kBridgeEgressChain = "bridge_egress";
/// Where packets go from interfaces of tasks, and to them.
inline constexpr const char* kFromTaskChain = "from_task";
inline constexpr const char* kToTaskChain = "to_task";
/// Where packets go that a task's egress rules let out.
inline constexpr const char* kAdmittedChain = "admitted";

}  // namespace berth::net
