// What has passed through an interface, by rtnetlink(7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

/// As the interface's owner sees them: for the host's end of a task's pair, what the task sends is
/// received.
struct LinkCounters {
  uint64_t rx_bytes = 0;
  uint64_t rx_packets = 0;
  uint64_t rx_errors = 0;
  uint64_t rx_dropped = 0;
  uint64_t tx_bytes = 0;
  uint64_t tx_packets = 0;
  uint64_t tx_errors = 0;
  uint64_t tx_dropped = 0;

  /// As the other end of the pair sees them.
  LinkCounters TurnedRound() const;
  bool operator==(const LinkCounters&) const = default;
};

/// `socket`: NETLINK_ROUTE. Nothing if there is no such interface.
Result<std::optional<LinkCounters>> ReadLinkCounters(NetlinkSocket& socket,
                                                     const std::string& name);

}  // namespace berth::net
