#include "runtime/mounts/file_system.h"

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/sys.h"
#include "runtime/namespaces.h"
#include "runtime/process/security_label.h"

namespace berth::runtime {
namespace {

// fsconfig(2) takes no longer value.
constexpr size_t kMaxValue = 255;

// What the kernel has to say about a refused file system, which errno can't.
std::string KernelLog(int fs) {
  std::array<char, 512> line;
  const auto size = sys::Read(fs, line);
  if (!size || *size < 2) return "";
  return fmt::format(" ({})", std::string_view(line.data() + 2, *size - 2));  // after "e "
}

Result<void> Configure(int fs, const PreparedMount& prepared, const MountPoint& target) {
  const Mount& mount = *prepared.mount;
  if (!mount.source.empty()) TRY(sys::FsConfigString(fs, "source", mount.source));
  bool has_mode = false;
  for (const auto& [key, value] : prepared.options.data) {
    TRY(sys::FsConfigString(fs, key.c_str(), value));
    has_mode |= key == "mode";
  }
  for (const std::string& flag : prepared.options.flags) {
    TRY(sys::FsConfigFlag(fs, flag.c_str()));
  }
  // A tmpfs over an existing directory looks like it, so that /tmp stays open to all.
  struct stat info;
  if (mount.type == "tmpfs" && target.existed && !has_mode &&
      ::fstat(target.fd.get(), &info) == 0) {
    TRY(sys::FsConfigString(fs, "mode", fmt::format("{:o}", info.st_mode & 07777)));
  }
  return sys::FsConfigCreate(fs);
}

Result<UniqueFd> NewFileSystem(const char* type, uint64_t attributes, const PreparedMount& prepared,
                               const MountPoint& target) {
  const UniqueFd fs = TRY(sys::FsOpen(type));
  if (auto configured = Configure(fs.get(), prepared, target); !configured) {
    const Error& error = configured.error();
    return Error(error.message() + KernelLog(fs.get()), error.code());
  }
  return sys::FsMount(fs.get(), attributes);
}

Result<UniqueFd> HostTree(const char* path, uint64_t attributes) {
  UniqueFd tree = TRY(sys::OpenTree(AT_FDCWD, path, OPEN_TREE_CLONE | AT_RECURSIVE));
  TRY(sys::MountSetAttr(tree.get(), true, attributes, 0, MS_PRIVATE));
  return tree;
}

// sysfs shows the devices of a network namespace and belongs to the user namespace that owns it, as
// procfs does with a pid namespace. In a user namespace with either from outside it can't be
// mounted; the host's is shown instead, sysfs never writable.
Result<UniqueFd> NewOrHosts(const char* path, uint64_t attributes, const PreparedMount& prepared,
                            const MountPoint& target) {
  const std::string& type = prepared.mount->type;
  auto mount = NewFileSystem(type.c_str(), prepared.options.set, prepared, target);
  if (mount || !mount.error().Is(EPERM)) return mount;
  return HostTree(path, prepared.options.set | attributes);
}

// The group of terminals, 5 in most configurations, may be none of a user namespace's.
Result<UniqueFd> NewDevpts(const PreparedMount& prepared, const MountPoint& target) {
  const auto make = [&](const PreparedMount& one) {
    return NewFileSystem("devpts", one.options.set, one, target);
  };
  auto mount = make(prepared);
  if (mount || !mount.error().Is(EINVAL)) return mount;
  PreparedMount without = {.mount = prepared.mount, .options = prepared.options};
  if (std::erase_if(without.options.data, [](const auto& one) { return one.first == "gid"; }) ==
      0) {
    return mount;
  }
  auto again = make(without);
  return again ? std::move(again) : std::move(mount);
}

// Type "cgroup" is the v2 hierarchy, also on hosts that mount v1 controllers beside it: there the
// container sees the part of it that it is in, at the place where programs look. Without a cgroup
// namespace of its own, or where the kernel grants it none, it gets a copy of the host's mount
// instead: to mount that hierarchy anew from the first namespace would reset the options of all its
// mounts.
Result<UniqueFd> NewCgroupfs(const Spec& spec, const PreparedMount& prepared,
                             const MountPoint& target) {
  uint64_t attributes = prepared.options.set;
  if (HasNew(spec.linux_, "cgroup")) {
    auto mount = NewFileSystem("cgroup2", prepared.options.set, prepared, target);
    if (mount || (!mount.error().Is(EPERM) && !mount.error().Is(EBUSY))) return mount;
  }
  // Others' cgroups are in it as well, and those of the user who launches may be delegated to them
  // (CVE-2023-25809). A container of the host's root gets it as its configuration says.
  if (HasNew(spec.linux_, "cgroup") || FindNamespace(spec.linux_, "user") != nullptr) {
    attributes |= MOUNT_ATTR_RDONLY;
  }
  for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    struct statfs info;
    if (::statfs(path, &info) < 0 || info.f_type != CGROUP2_SUPER_MAGIC) continue;
    return HostTree(path, attributes);
  }
  return MakeError("the host has no cgroup v2 hierarchy mounted");
}

}  // namespace

bool NeedsOldWay(const PreparedMount& prepared) {
  for (const auto& [key, value] : prepared.options.data) {
    if (value.size() > kMaxValue) return true;
  }
  return false;
}

Result<UniqueFd> NewMount(const Spec& spec, const PreparedMount& prepared,
                          const MountPoint& target) {
  const Mount& mount = *prepared.mount;
  if (mount.type == "sysfs") return NewOrHosts("/sys", MOUNT_ATTR_RDONLY, prepared, target);
  if (mount.type == "proc") return NewOrHosts("/proc", 0, prepared, target);
  if (mount.type == "devpts") return NewDevpts(prepared, target);
  if (mount.type == "cgroup" || mount.type == "cgroup2") {
    return NewCgroupfs(spec, prepared, target);
  }
  uint64_t attributes = prepared.options.set;
  if (mount.type == "tmpfs") attributes &= ~uint64_t{MOUNT_ATTR_RDONLY};
  return NewFileSystem(mount.type.c_str(), attributes, prepared, target);
}

// The older call, for what the newer can't say; the target's descriptor still names the place, as
// the host's /proc is there until the root is switched.
Result<void> MountTheOldWay(const PreparedMount& prepared, const MountPoint& target) {
  constexpr std::array<std::pair<uint64_t, unsigned long>, 8> kFlags = {
      {{MOUNT_ATTR_RDONLY, MS_RDONLY},
       {MOUNT_ATTR_NOSUID, MS_NOSUID},
       {MOUNT_ATTR_NODEV, MS_NODEV},
       {MOUNT_ATTR_NOEXEC, MS_NOEXEC},
       {MOUNT_ATTR_NODIRATIME, MS_NODIRATIME},
       {MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW},
       {MOUNT_ATTR_NOATIME, MS_NOATIME},
       {MOUNT_ATTR_STRICTATIME, MS_STRICTATIME}}};
  unsigned long flags = 0;
  for (const auto& [attribute, flag] : kFlags) {
    if ((prepared.options.set & attribute) != 0) flags |= flag;
  }
  constexpr std::array<std::pair<std::string_view, unsigned long>, 4> kWords = {
      {{"sync", MS_SYNCHRONOUS},
       {"dirsync", MS_DIRSYNC},
       {"lazytime", MS_LAZYTIME},
       {"mand", MS_MANDLOCK}}};
  std::string data;
  for (const auto& [key, value] : prepared.options.data) {
    const char* quote = key == "context" ? "\"" : "";  // a label may have commas
    data += fmt::format("{0}{1}={2}{3}{2}", data.empty() ? "" : ",", key, quote, value);
  }
  for (const std::string& flag : prepared.options.flags) {
    const auto word = std::find_if(kWords.begin(), kWords.end(),
                                   [&](const auto& known) { return known.first == flag; });
    if (word != kWords.end()) {
      flags |= word->second;
    } else {
      data += (data.empty() ? "" : ",") + flag;
    }
  }
  return sys::Mount(prepared.mount->source, fmt::format("/proc/self/fd/{}", target.fd.get()),
                    prepared.mount->type.c_str(), flags, data);
}

}  // namespace berth::runtime
