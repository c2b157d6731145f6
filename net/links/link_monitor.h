// LinkMonitor: hears when interfaces of the host that are not Berth's come up.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::net {

/// For a loop that waits for descriptors: idle until there is something to read.
class LinkMonitor {
 public:
  /// Listens to the interfaces of the thread's network namespace (RTNLGRP_LINK).
  static Result<LinkMonitor> Open();

  int fd() const { return fd_.get(); }
  /// Takes all that has come; whether one is up that has just come up or changed, or may be: what
  /// the kernel could not tell is lost.
  Result<bool> Take();

 private:
  explicit LinkMonitor(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace berth::net
