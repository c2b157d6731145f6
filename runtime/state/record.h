// What the runtime's commands know of a container from one to the next.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "runtime/live_mounts.h"

namespace berth::runtime {

/// Where the container's processes are accounted for. All empty: in the launcher's own cgroup.
struct CgroupRecord {
  std::string name;   // with its limits and its processes, below the hierarchy's mount point
  std::string path;   // the same, absolute
  std::string scope;  // systemd's unit around it; empty: we made it
  bool operator==(const CgroupRecord&) const = default;
};

struct Record {
  std::string id;
  std::string bundle;       // absolute
  std::string rootfs;       // absolute
  pid_t pid = 0;            // of the first process; 0 until there is one
  uint64_t start_time = 0;  // of that process, as ProcessStartTime tells it
  WallTime created;
  uint32_t owner = 0;  // uid of whoever created it
  CgroupRecord cgroup;
  bool late_hooks = false;  // the configuration is needed after the start: it has poststart or
                            // poststop hooks, or a group of resctrl
  std::map<std::string, std::string> annotations;
  // Where its standard streams led to, as DescribeStreams tells it; empty: it has a terminal.
  std::vector<std::string> streams;
  std::vector<AddedMount> added_mounts;  // while it was running
  bool operator==(const Record&) const = default;
};

std::string DumpRecord(const Record& record);
/// Fails on anything that DumpRecord wouldn't write.
Result<Record> ParseRecord(std::string_view json);

}  // namespace berth::runtime
