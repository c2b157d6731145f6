// Limits of what an attachment sends and gets in a second, by tc(8)'s token buckets, on the host's
// side: a task that rules its own namespace can't take them off.
//
//   to the task     token bucket at the host end's exit
//   from the task   host end's entrance -> an ifb device of the attachment's own, its limiter, with
//                   a token bucket at its exit -> back to where it came in, and on to the firewall
//
// What is over the limit waits for up to 50 ms, then is dropped: TCP takes that for a slow link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

struct RateLimit {
  uint64_t bitsPerSecond = 0;  // with the headers of Ethernet and above
  /// Bytes that may go at once after a pause; 0: what goes in 10 ms, at least 64 KiB.
  uint64_t burst = 0;
};

struct Bandwidth {
  std::optional<RateLimit> egress;   // from the task
  std::optional<RateLimit> ingress;  // to the task
};

/// 8 kbit/s to 1 Tbit/s, and a burst of a packet's size (2 KiB) to 1 GiB. Errors say what is wrong.
Result<void> CheckRateLimit(const RateLimit& limit);

/// Sets the limits of a host end that has none yet. `host` and the calling thread are of the same
/// namespace.
Result<void> LimitBandwidth(NetlinkSocket& host, const std::string& host_end,
                            const Bandwidth& bandwidth);

/// The limiter of a host end, if it has one: its name with an "i" behind. It does not end with the
/// task's namespace.
std::string LimiterName(const std::string& host_end);

}  // namespace berth::net
