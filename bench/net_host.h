// A network namespace that plays a host, and tasks on it.
#pragma once

#include <string>

#include "net/attachment.h"
#include "net/netlink.h"

namespace berth::bench {

/// The plan of the task of that number (up to 40,000): in a group that all are in, with one
/// published port.
net::Attachment PlanTask(size_t number);

/// How many elements of the firewall's sets and maps such a task has.
size_t EntriesOfTask();

class NetHost {
 public:
  /// In a new namespace; its files in a directory that is made.
  static Result<NetHost> Make(const std::string& directory);

  /// From here on the thread is on this host.
  Result<void> Enter() const;
  /// Puts `count` tasks (of the numbers 0, 1, ...) into the firewall as if they had been attached:
  /// they have no interfaces and no namespaces. For a host that has no tasks yet.
  Result<void> Load(size_t count) const;
  /// Takes the firewall away, as some other program might.
  Result<void> DropTable() const;

  const std::string& lock() const { return lock_; }
  const net::Netns& netns() const { return netns_; }

 private:
  NetHost(net::Netns netns, std::string lock) : netns_(std::move(netns)), lock_(std::move(lock)) {}

  net::Netns netns_;
  std::string lock_;
};

}  // namespace berth::bench
