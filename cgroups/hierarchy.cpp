#include "cgroups/hierarchy.h"

#include <algorithm>

#include "base/files.h"
#include "base/mountinfo.h"
#include "base/text.h"

namespace berth::cgroups {
namespace {

HierarchyKind KindOf(bool has_version2, bool has_version1) {
  if (has_version2) return has_version1 ? HierarchyKind::kHybrid : HierarchyKind::kUnified;
  return has_version1 ? HierarchyKind::kLegacy : HierarchyKind::kNone;
}

// The line "0::/path"; the others are of version 1.
std::string OwnPath(const std::string& self_cgroup) {
  constexpr std::string_view kVersion2 = "0::";
  for (const std::string& line : Split(self_cgroup, '\n')) {
    if (line.starts_with(kVersion2)) return line.substr(kVersion2.size());
  }
  return "/";
}

// Where that is below a mount of `mount_root`; "" if it is the mount point or not below it. In a
// cgroup namespace mounts of what is above it have roots such as "/../..".
std::string BelowMount(const std::string& path, const std::string& mount_root) {
  const std::string prefix = mount_root == "/" ? "" : mount_root;
  if (!path.starts_with(prefix + "/") || path == "/" || path.starts_with("/..")) return "";
  return path.substr(prefix.size());
}

Result<void> LookInside(const HierarchySources& sources, const std::string& mount_root,
                        Hierarchy& hierarchy) {
  const std::string own = BelowMount(OwnPath(TRY(ReadFile(sources.self_cgroup))), mount_root);
  hierarchy.own_path = own.empty() ? "/" : own;
  const auto view = [&](const std::string& path) {
    return ViewCgroup(hierarchy.mount_point + path);
  };
  const DelegatedRoot root = FindDelegatedRoot(own, view);
  hierarchy.root = root.path;
  hierarchy.inhabitants = root.inhabitants;
  hierarchy.writable = root.writable;
  const std::string names = TRY(ReadFile(hierarchy.Top() + "/cgroup.controllers"));
  if (!Trim(names).empty()) hierarchy.controllers = Split(Trim(names), ' ');
  return {};
}

}  // namespace

bool Hierarchy::HasController(std::string_view name) const {
  return std::find(controllers.begin(), controllers.end(), name) != controllers.end();
}

std::string Hierarchy::NameOf(std::string_view name) const {
  return root.empty() ? std::string(name) : fmt::format("{}/{}", root.substr(1), name);
}

Result<Hierarchy> DetectHierarchy(const HierarchySources& sources) {
  Hierarchy hierarchy;
  bool has_version1 = false;
  std::string mount_root;
  for (const MountedAt& mount : ParseMountinfo(TRY(ReadFile(sources.mountinfo)))) {
    has_version1 |= mount.type == "cgroup";
    if (mount.type != "cgroup2" || mount_root == "/") continue;
    if (!mount_root.empty() && mount.root != "/") continue;
    // What was mounted over it hides it.
    if (!Exists(mount.place + "/cgroup.controllers")) continue;
    hierarchy.mount_point = mount.place;
    mount_root = mount.root;
  }
  hierarchy.kind = KindOf(hierarchy.HasCgroup2(), has_version1);
  if (hierarchy.HasCgroup2()) TRY(LookInside(sources, mount_root, hierarchy));
  return hierarchy;
}

std::string_view Name(HierarchyKind kind) {
  switch (kind) {
    case HierarchyKind::kUnified:
      return "unified";
    case HierarchyKind::kHybrid:
      return "hybrid";
    case HierarchyKind::kLegacy:
      return "legacy";
    case HierarchyKind::kNone:
      return "none";
  }
  return "";
}

}  // namespace berth::cgroups
