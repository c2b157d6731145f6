// The way to the host's resolver, 169.254.170.53:53, where tasks ask for names.
//
// The resolver listens on 169.254.170.53:51653: not on port 53, which other programs of the host
// and tasks in host mode may have on every address. While the way is open, the host has
//
//   169.254.170.53/32 on lo, of scope host
//   the table `inet berth_names`:
//     prerouting  raw          to 169.254.170.53 from other interfaces than tasks' and lo: dropped
//     prerouting  dstnat - 1   169.254.170.53:53 from tasks leads to the resolver's port
//     output      dstnat - 1   the same from the host: tasks in host mode
//
// and the table `inet berth` lets what was redirected there pass before any group of the task is
// asked. The way can also lead elsewhere, by a detour: to a server that the host itself asks. That
// is then a destination like any other, and the groups of the task decide; a task without an IPv4
// address of its own is refused.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "net/addresses/address.h"
#include "net/netlink.h"

namespace berth::net {

inline constexpr Ipv4 kResolverAddress{0xa9feaa35};  // 169.254.170.53
/// Where tasks ask, and where the resolver listens.
inline constexpr uint16_t kDnsPort = 53;
inline constexpr uint16_t kResolverPort = 51653;

// All act in the network namespace of the calling thread. `lock_path`: as for Attach.

/// Opens the way to the resolver, in place of a detour. What another agent has left, whole or in
/// part, is taken over.
Result<void> OpenResolverEndpoint(const std::string& lock_path);

/// Has the way lead to port 53 of `upstream`. The resolver may go on listening on its address.
Result<void> DetourResolverEndpoint(Ipv4 upstream, const std::string& lock_path);

/// Ends the way to the resolver; repeating it is no error. With `upstream` and any attachment a
/// detour stays for their sake, and goes with the last of them.
Result<void> LeaveResolverEndpoint(std::optional<Ipv4> upstream, const std::string& lock_path);

/// For who removes the last attachment, under the host table's lock: takes away a detour that was
/// left, and nothing else.
Result<void> RemoveLeftDetour(NetlinkSocket& netfilter);

}  // namespace berth::net
