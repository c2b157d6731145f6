#include "cgroups/cgroup.h"

#include <algorithm>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/text.h"
#include "cgroups/kill.h"
#include "cgroups/make_way.h"
#include "cgroups/remove.h"
#include "cgroups/setting.h"

namespace berth::cgroups {
namespace {

constexpr uint64_t kStayBelow = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;

Result<std::vector<std::string>> ParseName(const Hierarchy& hierarchy, const std::string& name) {
  if (!hierarchy.HasCgroup2()) {
    return Error("this host has no cgroup2 file system mounted", ENOTSUP);
  }
  auto parts = Split(name, '/');
  for (const std::string& part : parts) {
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string::npos) {
      return Error(fmt::format("cgroup name \"{}\" is not a plain relative path", name), EINVAL);
    }
  }
  return parts;
}

Result<std::vector<std::string>> ReadNames(int dir, const std::string& file) {
  const std::string content = TRY(ReadFileAt(dir, file));
  const std::string_view names = Trim(content);
  if (names.empty()) return std::vector<std::string>();
  return Split(names, ' ');
}

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> ControllersOf(const std::vector<Setting>& settings) {
  std::vector<std::string> names;
  for (const Setting& setting : settings) {
    if (!Contains(names, setting.controller)) names.push_back(setting.controller);
  }
  return names;
}

// False if the file is not there: a kernel built or booted without this one.
Result<bool> Write(int dir, const Setting& setting) {
  auto written = WriteControlFile(dir, setting.file, setting.value);
  if (written) return true;
  if (!written.error().Is(ENOENT)) {
    return std::move(written).error().WithContext(fmt::format("\"{}\"", setting.value));
  }
  if (setting.fallback.empty()) return false;
  written = WriteControlFile(dir, setting.fallback, setting.value);
  if (!written && written.error().Is(ENOENT)) return false;
  TRY(std::move(written));
  return true;
}

// Writes what can be in force; the answer names what can't.
Result<std::vector<std::string>> Apply(int dir, const std::vector<Setting>& settings) {
  std::vector<std::string> unenforced;
  if (settings.empty()) return unenforced;
  const auto present = TRY(ReadNames(dir, "cgroup.controllers"));
  for (const Setting& setting : settings) {
    if (Contains(present, setting.controller) && TRY(Write(dir, setting))) continue;
    if (!Contains(unenforced, setting.file)) unenforced.push_back(setting.file);
  }
  return unenforced;
}

// The cgroup above the last part of the name. Where no controller has to be handed down it is
// mostly there, and found in one step.
Result<UniqueFd> OpenParent(const Hierarchy& hierarchy, const std::vector<std::string>& parts) {
  UniqueFd root = TRY(sys::Open(hierarchy.mount_point, O_RDONLY | O_DIRECTORY));
  if (parts.size() == 1) return root;
  const std::vector<std::string> above(parts.begin(), parts.end() - 1);
  return sys::OpenAt2(root.get(), Join(above, "/"), O_RDONLY | O_DIRECTORY, kStayBelow);
}

struct Walk {
  UniqueFd dir;
  std::string path;
  size_t next = 0;  // of the parts
};

Result<Walk> BeginWalk(const Hierarchy& hierarchy, const std::vector<std::string>& parts,
                       const std::vector<std::string>& controllers) {
  if (controllers.empty()) {
    auto parent = OpenParent(hierarchy, parts);
    if (parent) {
      Walk walk = {
          .dir = *std::move(parent), .path = hierarchy.mount_point, .next = parts.size() - 1};
      for (size_t i = 0; i < walk.next; ++i) walk.path += "/" + parts[i];
      return walk;
    }
    if (!parent.error().Is(ENOENT)) return std::move(parent).error();
  }
  return Walk{.dir = TRY(sys::Open(hierarchy.mount_point, O_RDONLY | O_DIRECTORY)),
              .path = hierarchy.mount_point};
}

// Who lives in a cgroup keeps it from having controllers for its children. Some (cpu, pids) the
// kernel would hand down all the same, but to threads: processes could not be born in the children
// any more (Documentation/admin-guide/cgroup-v2.rst, "Threads"). The kernel's root has no such
// rule, and no cgroup.type.
Result<bool> IsInhabited(int dir) {
  if (!ReadFileAt(dir, "cgroup.type")) return false;
  return !TRY(ReadFileAt(dir, "cgroup.procs")).empty();
}

// Lets the children of a cgroup have the controllers, which it has itself.
Result<void> HandDown(const Hierarchy& hierarchy, const Walk& walk,
                      const std::vector<std::string>& controllers) {
  const int dir = walk.dir.get();
  if (TRY(IsInhabited(dir))) {
    const bool at_root = walk.path == hierarchy.Top();
    TRY(MakeWay(walk.path, at_root ? hierarchy.inhabitants : Inhabitants::kOthers));
  }
  return WriteControlFile(dir, "cgroup.subtree_control", "+" + Join(controllers, " +"));
}

// That it could not be done is no error: whether a limit came into force is seen at the leaf.
Result<void> EnableControllers(const Hierarchy& hierarchy, const Walk& walk,
                               const std::vector<std::string>& wished) {
  if (wished.empty()) return {};
  const auto present = TRY(ReadNames(walk.dir.get(), "cgroup.controllers"));
  const auto enabled = TRY(ReadNames(walk.dir.get(), "cgroup.subtree_control"));
  std::vector<std::string> missing;
  for (const std::string& name : wished) {
    if (Contains(present, name) && !Contains(enabled, name)) missing.push_back(name);
  }
  if (missing.empty()) return {};
  const auto done = HandDown(hierarchy, walk, missing);
  if (!done) log::Debug("enable controllers in {}: {}", walk.path, done.error().message());
  return {};
}

}  // namespace

Result<Cgroup> Cgroup::Create(const Hierarchy& hierarchy, const std::string& name,
                              const Limits& limits) {
  const auto parts = TRY(ParseName(hierarchy, name));
  const auto settings = AllSettings(limits);
  const auto controllers = ControllersOf(settings);
  Rollback rollback;
  bool is_new = false;
  Walk walk = TRY(BeginWalk(hierarchy, parts, controllers));
  for (; walk.next < parts.size(); ++walk.next) {
    const std::string& part = parts[walk.next];
    TRY(EnableControllers(hierarchy, walk, controllers).Context("{}", walk.path));
    walk.path += "/" + part;
    const auto made = sys::MkdirAt(walk.dir.get(), part, 0755);
    is_new = made.has_value();
    if (made) rollback.Push([path = walk.path] { ::rmdir(path.c_str()); });
    if (!made && !made.error().Is(EEXIST)) return Error(made.error()).WithContext(walk.path);
    walk.dir = TRY(sys::OpenAt2(walk.dir.get(), part, O_RDONLY | O_DIRECTORY, kStayBelow)
                       .Context("{}", walk.path));
  }
  Cgroup cgroup(std::move(walk.dir), std::move(walk.path));
  if (!is_new && TRY(cgroup.Populated())) {
    return Error(fmt::format("cgroup {} is in use already", cgroup.path()), EBUSY);
  }
  cgroup.unenforced_ = TRY(Apply(cgroup.fd(), settings).Context("{}", cgroup.path()));
  rollback.Commit();
  return cgroup;
}

Result<Cgroup> Cgroup::Open(const Hierarchy& hierarchy, const std::string& name) {
  TRY(ParseName(hierarchy, name));
  const UniqueFd root = TRY(sys::Open(hierarchy.mount_point, O_RDONLY | O_DIRECTORY));
  UniqueFd dir = TRY(sys::OpenAt2(root.get(), name, O_RDONLY | O_DIRECTORY, kStayBelow));
  return Cgroup(std::move(dir), hierarchy.mount_point + "/" + name);
}

Result<void> Cgroup::Update(const Limits& limits, BelowUsage below_usage) {
  if (limits.memory.max && below_usage == BelowUsage::kRefuse) {
    const uint64_t current = ParseLimit(TRY(ReadFileAt(fd(), "memory.current")));
    if (*limits.memory.max < current) {
      return Error(fmt::format("{}: memory.max of {} is less than the {} in use", path_,
                               *limits.memory.max, current),
                   EBUSY);
    }
  }
  unenforced_ = TRY(Apply(fd(), AllSettings(limits)).Context("{}", path_));
  return {};
}

Result<bool> Cgroup::Populated() const {
  return TRY(ReadEvent(path_ + "/cgroup.events", "populated")) != 0;
}

Result<uint64_t> Cgroup::OomKills() const {
  auto kills = ReadEvent(path_ + "/memory.events", "oom_kill");
  if (!kills && kills.error().Is(ENOENT)) return uint64_t{0};
  return kills;
}

Result<std::vector<std::string>> Cgroup::Children() const { return ListChildren(path_); }

Result<std::vector<pid_t>> Cgroup::Processes() const { return ListProcesses(path_); }

Result<void> Cgroup::Kill() const { return KillAll(path_); }

Result<void> Cgroup::Remove(std::chrono::milliseconds patience) const {
  return RemoveDirectories(path_, patience);
}

Result<void> RemoveTree(const Hierarchy& hierarchy, const std::string& name) {
  const auto cgroup = Cgroup::Open(hierarchy, name);
  if (!cgroup) {
    if (cgroup.error().Is(ENOENT)) return {};
    return cgroup.error();
  }
  TRY(cgroup->Kill());
  return cgroup->Remove();
}

}  // namespace berth::cgroups
