// The options of a mount, sorted by what they are for.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// For which mounts ids are mapped: none, this one, or those below it as well.
enum class Idmap { kNone, kThis, kRecursive };

struct MountOptions {
  bool bind = false;
  bool recursive = false;  // bind with all that is mounted below the source
  bool remount = false;    // other attributes for what is mounted there already
  Idmap idmap = Idmap::kNone;
  bool source_link = false;       // a source that is a symbolic link is meant itself
  bool destination_link = false;  // the same of the destination
  bool copy_link = false;         // a source that is a symbolic link is copied, not mounted
  bool copy_up = false;           // a tmpfs that starts with what it hides
  uint64_t set = 0;               // MOUNT_ATTR_*, for this mount alone
  uint64_t clear = 0;             // MOUNT_ATTR__ATIME if `set` has a setting of access times
  uint64_t recursive_set = 0;     // for this mount and all below it, before `set`
  uint64_t recursive_clear = 0;   // has MOUNT_ATTR__ATIME as `clear` does
  uint64_t propagation = 0;       // MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE
  bool recursive_propagation = true;
  /// What is for the file system itself: names with values, and flags without.
  std::vector<std::pair<std::string, std::string>> data;
  std::vector<std::string> flags;

  bool operator==(const MountOptions&) const = default;
  /// What this mount has in the end: `recursive_set` with `set` on top.
  uint64_t Attributes() const;
};

/// Sorts the options of `mount` (mount(8), runtime-spec config.md "Mounts"). Later options win over
/// earlier ones. Nothing is below a new mount of a file system, which has all in `set`. For a bind
/// mount `rw`, `dev` and the like take back an earlier `ro`, `nodev`; they never lift what the host
/// has set on the source: only the recursive `rrw` and so on do.
Result<MountOptions> ParseMountOptions(const Mount& mount);

/// All options that are not passed on to a file system.
std::vector<std::string> MountOptionNames();

}  // namespace berth::runtime
