// Flows that the kernel tracks (nf_conntrack) and that a change of published ports must not
// survive.
#pragma once

#include <cstdint>
#include <set>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

/// Makes the kernel forget the UDP flows to these ports of the host, by a NETLINK_NETFILTER socket
/// in the thread's namespace. UDP has no end of its own: while a client keeps sending, its flow
/// keeps leading to where the port led when it began, be that a task that has gone or the host
/// itself. Reads the whole table of flows: only for where UDP ports are published.
Result<void> ForgetUdpFlows(NetlinkSocket& netfilter, const std::set<uint16_t>& host_ports);

}  // namespace berth::net
