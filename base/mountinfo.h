// The kernel's list of mounts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth {

struct MountedAt {
  std::string root;   // the directory of the file system that is mounted
  std::string place;  // where; below the reader's own root
  std::string type;   // of the file system
  bool operator==(const MountedAt&) const = default;
};

/// The lines of a /proc/PID/mountinfo, in their order, with \040 and the like undone
/// (proc_pid_mountinfo(5)). Lines of another form are passed over.
std::vector<MountedAt> ParseMountinfo(std::string_view text);

}  // namespace berth
