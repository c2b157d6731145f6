// FirewallMonitor: hears of every change of the host's nftables and tells those of our tables that
// are not our own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "net/netlink_listener.h"

namespace berth::net {

/// Somebody else has changed one of our tables, or may have.
struct Intrusion {
  /// As the kernel knows the process that did it: "nft (pid 17)"; "" if that was lost.
  std::string by;
  /// The ruleset's generation after the change; 0 if it was lost.
  uint32_t generation = 0;
};

/// For a loop that waits for descriptors: idle until there is something to read.
class FirewallMonitor {
 public:
  /// Listens to the ruleset of the thread's network namespace (NFNLGRP_NFTABLES).
  static Result<FirewallMonitor> Open();

  int fd() const { return listener_.fd(); }
  /// Takes all that has come; the last intrusion in it. What Berth's own processes change is none:
  /// they send from marked sockets (NetlinkSocket::Mark).
  Result<std::optional<Intrusion>> Take();

 private:
  explicit FirewallMonitor(NetlinkListener listener) : listener_(std::move(listener)) {}

  NetlinkListener listener_;
  bool touched_ = false;  // by the transaction whose end has not come yet
};

}  // namespace berth::net
