// Settings that only /proc/sys has, of the calling thread's network namespace.
#pragma once

#include <string>

#include "base/result.h"
#include "net/addresses/ipv6.h"
#include "net/netlink.h"

namespace berth::net {

/// Turns IPv6 off on an interface. No error where the kernel has none, or the interface has gone.
Result<void> DisableIpv6(const std::string& interface);

/// Turns IPv6 on for an interface that is still down: without addresses of the kernel's making, and
/// deaf to router advertisements. Fails where the kernel has no IPv6.
Result<void> EnableIpv6(const std::string& interface);

/// Has the kernel pass packets on between interfaces, if it doesn't yet. `host`: NETLINK_ROUTE.
Result<void> EnableIpv4Forwarding(NetlinkSocket& host);
/// The same for IPv6. A kernel that does so no longer takes router advertisements, unless told to:
/// the interfaces that took them go on doing so, since the host may have its own way out from them.
Result<void> EnableIpv6Forwarding();

/// Has an interface answer at once for the addresses that it is told of (ip-neighbour(8), proxy),
/// and pass on what comes in for them. Forwarding must be on.
Result<void> LetAnswerForOthers(const std::string& interface, IpFamily family);

}  // namespace berth::net
