// LinkMonitor: hears when interfaces of the host that are not Berth's come up.
#pragma once

#include "base/result.h"
#include "net/netlink_listener.h"

namespace berth::net {

/// For a loop that waits for descriptors: idle until there is something to read.
class LinkMonitor {
 public:
  /// Listens to the interfaces of the thread's network namespace (RTNLGRP_LINK).
  static Result<LinkMonitor> Open();

  int fd() const { return listener_.fd(); }
  /// Takes all that has come; whether one is up that has just come up or changed, or may be: what
  /// the kernel could not tell is lost.
  Result<bool> Take();

 private:
  explicit LinkMonitor(NetlinkListener listener) : listener_(std::move(listener)) {}

  NetlinkListener listener_;
};

}  // namespace berth::net
