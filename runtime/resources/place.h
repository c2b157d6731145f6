// Where a container's cgroup is to be: linux.cgroupsPath.
#pragma once

#include <string>

#include "base/result.h"
#include "cgroups/manager.h"

namespace berth::runtime {

/// For cgroupfs `name` alone, for systemd `slice` and `scope` alone.
struct CgroupPlace {
  std::string name;   // below the root to work in: "machine/web"
  std::string slice;  // "system.slice"
  std::string scope;  // "berth-runtime-web.scope"
  bool operator==(const CgroupPlace&) const = default;
};

struct PlaceRequest {
  std::string cgroups_path;  // linux.cgroupsPath
  std::string id;            // of the container
  cgroups::Manager manager = cgroups::Manager::kCgroupfs;
  std::string default_slice = "system.slice";  // a user's systemd: "user.slice"
};

/// With cgroupfs a path, absolute or not, below the root to work in (Hierarchy::root); without one
/// the container's id below "berth-runtime". With systemd "slice:prefix:name", as engines write it,
/// where an empty slice is the default; without one, or with a plain path,
/// "berth-runtime-<id>.scope". Fails, with the field's name, on a path that leads out (.., or an
/// empty name), and on names that systemd would not take or that end in ".slice", which would have
/// no process of its own.
Result<CgroupPlace> PlaceOf(const PlaceRequest& request);

}  // namespace berth::runtime
