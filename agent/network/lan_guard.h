// LanGuard: has the host answer for its tasks on LANs again after an interface was down.
#pragma once

#include <string>

#include "base/result.h"
#include "net/links/link_monitor.h"

namespace berth::agent {

/// For any loop that waits for descriptors.
class LanGuard {
 public:
  /// Listens in the network namespace of the calling thread, and makes good what it has missed.
  /// `lock_path`: as for net::Attach.
  static Result<LanGuard> Start(std::string lock_path);

  /// When it can be read, `Answer` is to be called.
  int fd() const { return monitor_.fd(); }
  /// Brings back the proxies that an interface has lost; failures go to the log.
  void Answer();

 private:
  LanGuard(net::LinkMonitor monitor, std::string lock_path)
      : monitor_(std::move(monitor)), lock_path_(std::move(lock_path)) {}

  net::LinkMonitor monitor_;
  std::string lock_path_;
};

}  // namespace berth::agent
