// HostReader: what the samples of all containers of a host have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/links/link_counters.h"

namespace berth::agent::stats {

/// Belongs to one thread, which stays in the host's network namespace.
class HostReader {
 public:
  /// `proc`: tests put a tree of their own there.
  explicit HostReader(const std::string& proc = "/proc");

  /// Reads the host's own figures, once for a pass over all containers: the kernel writes all of
  /// /proc/stat, a line for every processor and a number for every interrupt, to whoever wants one.
  void Refresh();
  /// Processor time of all processors since the boot in nanoseconds, idle time included; 0 if it
  /// can't be read.
  uint64_t cpu_ns() const { return cpu_ns_; }

  /// Prepares for `ReadLink`; fails if there are no descriptors left.
  Result<void> OpenLinks();
  /// The counters of one of the host's interfaces; nothing if it is not there.
  Result<std::optional<net::LinkCounters>> ReadLink(const std::string& interface);

 private:
  UniqueFd stat_;
  uint64_t cpu_ns_ = 0;
  std::optional<net::NetlinkSocket> links_;
};

}  // namespace berth::agent::stats
