// Which part of the cgroup tree is this process's to work in: cgroups(7), "Cgroups delegation", and
// https://systemd.io/CGROUP_DELEGATION/.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace berth::cgroups {

/// What can be seen of a cgroup directory.
struct CgroupView {
  bool writable = false;     // cgroups can be made in it and processes moved to them
  bool delegated = false;    // systemd has handed it to whom it runs there (Delegate=yes)
  bool has_manager = false;  // a systemd, the host's or a user's, manages what is in it
  bool top = false;          // the kernel's root, where processes may live beside cgroups
};

/// Of the directory `path`; one that is not there can't be written.
CgroupView ViewCgroup(const std::string& path);

/// The processes that live in a cgroup, and keep it from handing controllers down.
enum class Inhabitants {
  kOthers,       // stay
  kMaybeOthers,  // stay unless it's the caller alone
  kOurs,         // may be moved into a leaf
};

struct DelegatedRoot {
  std::string path;       // below the mount point: "" is all of it, "/a/b" a part
  bool writable = false;  // false: nothing can be made anywhere
  Inhabitants inhabitants = Inhabitants::kOthers;  // of `path` itself
};

/// The root is all that is mounted if that can be written: the host's tree for root, a container's
/// own in a cgroup namespace. Otherwise it is looked for from `own_path` up: the nearest cgroup
/// that was delegated, or the topmost that can be written. Below a user's systemd it is the unit:
/// systemd 252 does not mark which of those are delegated. `own_path` is below the mount point, and
/// empty if it is that or can't be told.
DelegatedRoot FindDelegatedRoot(const std::string& own_path,
                                const std::function<CgroupView(const std::string& path)>& view);

}  // namespace berth::cgroups
