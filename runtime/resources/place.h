// Where a container's cgroup is to be: linux.cgroupsPath.
#pragma once

#include <string>

#include "base/result.h"
#include "cgroups/manager.h"

namespace berth::runtime {

/// For cgroupfs `name` alone, for systemd `slice` and `scope` alone.
struct CgroupPlace {
  std::string name;   // below the hierarchy's mount point: "machine/web"
  std::string slice;  // "system.slice"
  std::string scope;  // "berth-runtime-web.scope"
  bool operator==(const CgroupPlace&) const = default;
};

/// With cgroupfs a path, absolute or not, below the mount point; without one the container's id
/// below "berth-runtime". With systemd "slice:prefix:name", as engines write it, where an empty
/// slice is system.slice; without one, or with a plain path, "berth-runtime-<id>.scope". Fails,
/// with the field's name, on a path that leads out (.., or an empty name), and on names that
/// systemd would not take or that end in ".slice", which would have no process of its own.
Result<CgroupPlace> PlaceOf(const std::string& cgroups_path, const std::string& id,
                            cgroups::Manager manager);

}  // namespace berth::runtime
