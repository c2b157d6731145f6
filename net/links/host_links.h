// The interfaces of attachments on the host, as they are found again, and their end.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

/// The group (IFLA_GROUP) of every host end, from the moment it exists: "bt" in ASCII. The firewall
/// tells our interfaces from all others by it.
inline constexpr uint32_t kLinkGroup = 0x6274;
/// That of host ends that have no attachment yet (netns_pool.h). The firewall knows nothing of them
/// and no sweep finds them: they are down, and die with the process that made them.
inline constexpr uint32_t kSpareGroup = kLinkGroup + 3;
/// That of every limiter of one (bandwidth.h).
inline constexpr uint32_t kLimiterGroup = kLinkGroup + 2;

/// A host end, or the limiter of one, that exists.
struct HostLink {
  int index = 0;
  std::string name;
  bool has_ipv6 = true;  // false: it is off, or the kernel has none
};

// Each function acts in the namespace that its socket (NETLINK_ROUTE) belongs to.

Result<std::vector<HostLink>> ListHostLinks(NetlinkSocket& host);
/// The one of that name, if there is one.
Result<std::optional<HostLink>> FindHostLink(NetlinkSocket& host, const std::string& name);

/// Deletes the interfaces and waits for it, about as long for many as for one.
Result<void> DeleteLinks(NetlinkSocket& host, const std::vector<HostLink>& links);
/// Has a host end take no more of what comes from the other, without the firewall: takes away the
/// routes over it, whereupon the reverse path filter refuses IPv4, and turns its IPv6 off. Its
/// namespace must be the thread's as well.
Result<void> CutOff(NetlinkSocket& host, const HostLink& link);

/// The MTU of the device with the default route; 1500 if there is none.
Result<int> DefaultMtu(NetlinkSocket& host);

}  // namespace berth::net
