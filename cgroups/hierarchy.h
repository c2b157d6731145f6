// What the host offers in the way of cgroups, found out once at the start.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

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
  std::string own_path;     // this process's cgroup in it, as in /proc/self/cgroup: "/" is the root
  std::vector<std::string> controllers;  // those that cgroups below mount_point can have

  /// True if cgroups can be made at all, with or without controllers.
  bool HasCgroup2() const { return !mount_point.empty(); }
  bool HasController(std::string_view name) const;
};

/// Where `DetectHierarchy` looks; tests put files of their own here.
struct HierarchySources {
  std::string mountinfo = "/proc/self/mountinfo";
  std::string self_cgroup = "/proc/self/cgroup";
};

/// Reads which cgroup file systems are mounted (proc_pid_mountinfo(5)) and asks the cgroup2 one for
/// its controllers. A host without cgroups is an answer, not an error.
Result<Hierarchy> DetectHierarchy(const HierarchySources& sources = {});

/// As an operator would say it: "unified", "hybrid", "legacy", "none".
std::string_view Name(HierarchyKind kind);

}  // namespace berth::cgroups
