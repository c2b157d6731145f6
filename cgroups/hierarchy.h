// What the host offers in the way of cgroups, found out once at the start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cgroups/delegation.h"

namespace berth::cgroups {

/// How the host was booted (cgroups(7)).
enum class HierarchyKind {
  kUnified,  // cgroup2 alone: every controller can be had
  kHybrid,   // cgroup2 beside version 1 hierarchies, which hold some or all of the controllers
  kLegacy,   // version 1 alone
  kNone,     // no cgroup file system is mounted
};

struct Hierarchy {
  HierarchyKind kind = HierarchyKind::kNone;
  std::string mount_point;  // of the cgroup2 file system; empty if there is none
  std::string own_path;     // this process's cgroup below mount_point: "/" is mount_point itself
  /// The cgroup to work in, which is all of it for root of a host: see delegation.h. "" is
  /// mount_point itself, "/user.slice/a.scope" a cgroup below.
  std::string root;
  Inhabitants inhabitants = Inhabitants::kOthers;  // of `root` itself
  bool writable = false;                           // cgroups can be made in `root`
  std::vector<std::string> controllers;            // those that cgroups in `root` can have

  /// True if there is a cgroup2 to make cgroups in, with or without controllers.
  bool HasCgroup2() const { return !mount_point.empty(); }
  /// The directory of `root`.
  std::string Top() const { return mount_point + root; }
  /// What a cgroup of that name in `root` is called from the mount point on, as Cgroup takes it.
  std::string NameOf(std::string_view name) const;
  bool HasController(std::string_view name) const;
};

/// Where `DetectHierarchy` looks; tests put files of their own here.
struct HierarchySources {
  std::string mountinfo = "/proc/self/mountinfo";
  std::string self_cgroup = "/proc/self/cgroup";
};

/// Reads which cgroup file systems are mounted (proc_pid_mountinfo(5)), looks in the cgroup2 one
/// for the part that is ours, and asks that for its controllers. A mount of the whole hierarchy is
/// preferred to one of a part, which is what a container may see. A host without cgroups is an
/// answer, not an error.
Result<Hierarchy> DetectHierarchy(const HierarchySources& sources = {});

/// As an operator would say it: "unified", "hybrid", "legacy", "none".
std::string_view Name(HierarchyKind kind);

}  // namespace berth::cgroups
