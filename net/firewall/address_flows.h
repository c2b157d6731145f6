// The flows that the kernel tracks (nf_conntrack) of an address whose owner has gone.
#pragma once

#include <vector>

#include "base/result.h"
#include "net/addresses/ipv6.h"
#include "net/netlink.h"

namespace berth::net {

/// Makes the kernel forget every flow that one of these addresses began or that led to it, by a
/// NETLINK_NETFILTER socket in the thread's namespace. A flow outlives its task by up to five days,
/// and would let whoever gets the address next speak and be spoken to past its own groups. The
/// kernel looks through its whole table for it, but tells of these flows alone.
Result<void> ForgetFlowsOf(NetlinkSocket& netfilter, const std::vector<IpAddress>& addresses);

}  // namespace berth::net
