// FirewallGuard: brings the host's firewall back whenever somebody else has damaged it.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "net/firewall/monitor.h"

namespace berth::agent {

/// For any loop that waits for descriptors; costs nothing while nobody touches nftables.
class FirewallGuard {
 public:
  /// Listens in the network namespace of the calling thread. `lock_path`: as for net::Attach.
  /// `reopen`: brings back what else the host had in nftables; may be empty.
  static Result<FirewallGuard> Start(std::string lock_path, std::function<Result<void>()> reopen);

  /// Restores what was taken before, if anything was: it compares everything.
  void Check();

  /// When it can be read, `Answer` is to be called.
  int fd() const { return monitor_.fd(); }
  /// Restores what an intrusion has taken, and says in the log what it was and who did it.
  void Answer();

 private:
  FirewallGuard(net::FirewallMonitor monitor, std::string lock_path,
                std::function<Result<void>()> reopen)
      : monitor_(std::move(monitor)),
        lock_path_(std::move(lock_path)),
        reopen_(std::move(reopen)) {}

  net::FirewallMonitor monitor_;
  std::string lock_path_;
  std::function<Result<void>()> reopen_;
};

/// For commands that come and go: brings the firewall back if all of it is gone, and says so.
void RestoreLostFirewall(const std::string& lock_path);

}  // namespace berth::agent
