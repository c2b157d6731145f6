// What happens to a cgroup: its last process leaves, memory runs out, it is frozen.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroups/memory.h"

namespace berth::cgroups {

/// Named after the kernel's files (Documentation/admin-guide/cgroup-v2.rst).
struct CgroupEvents {
  bool populated = false;
  bool frozen = false;
  std::optional<MemoryEvents> memory;  // of it and below; absent without the controller
  std::optional<uint64_t> pids_max;    // pids.events: forks that the limit refused
  bool operator==(const CgroupEvents&) const = default;
};

/// Of the cgroup directory `path`, as things are now.
Result<CgroupEvents> ReadEvents(const std::string& path);

struct EventChange {
  CgroupEvents before;
  CgroupEvents now;   // once the cgroup is gone: the last that was known, empty and not frozen
  bool gone = false;  // the cgroup has been removed
  bool Changed() const { return gone || now != before; }
};

/// Tells when any of these changes.
class EventWatch {
 public:
  /// Controllers that the cgroup gets later are not watched.
  static Result<EventWatch> Open(const std::string& path);

  /// Becomes readable (EPOLLIN) when something has changed, until `Read`. The kernel does not tell
  /// that a cgroup was removed, and forgets to tell that its last process left if it is removed
  /// within 10 ms of that: who removes it must say so to whoever watches, or these look at times.
  int fd() const { return epoll_.get(); }
  /// What has changed since the last call, or since `Open`. Once the cgroup is gone there is
  /// nothing more to come, and the descriptor must no longer be watched: it may stay readable.
  Result<EventChange> Read();

 private:
  explicit EventWatch(UniqueFd epoll) : epoll_(std::move(epoll)) {}

  UniqueFd epoll_;
  std::array<UniqueFd, 3> files_;  // cgroup.events, memory.events, pids.events
  CgroupEvents last_;
};

}  // namespace berth::cgroups
