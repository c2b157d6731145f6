#include "runtime/mounts/mounts.h"

#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>

#include "base/sys.h"
#include "runtime/mounts/copy_up.h"
#include "runtime/mounts/idmap.h"
#include "runtime/mounts/in_root.h"
#include "runtime/mounts/root.h"
#include "runtime/namespaces.h"

namespace berth::runtime {
namespace {

// fsconfig(2) takes no longer value.
constexpr size_t kMaxValue = 255;

// A bind mount that says nothing is private, or follows the host where the whole root does.
uint64_t DefaultPropagation(const std::string& rootfs_propagation) {
  return rootfs_propagation.ends_with("slave") ? MS_SLAVE : MS_PRIVATE;
}

// A copy of a shared mount is its peer: until this, what is mounted below it would appear on the
// host as well. A slave has to become one of the host's before all else: a private mount has no
// master any more. Then what is below it is a slave as well.
Result<void> SetAttributes(int fd, const MountOptions& options, uint64_t default_propagation) {
  uint64_t all = default_propagation;
  if (options.propagation != 0) all = MS_PRIVATE;
  if (options.recursive_propagation && options.propagation != 0) all = options.propagation;
  if (options.propagation == MS_SLAVE) all = MS_SLAVE;
  TRY(sys::MountSetAttr(fd, options.recursive, options.recursive_set, options.recursive_clear,
                        all));
  const uint64_t own = options.recursive_propagation ? 0 : options.propagation;
  if (options.set == 0 && own == 0) return {};
  return sys::MountSetAttr(fd, false, options.set, options.clear, own);
}

// Without mappings of its own it is the container's that count.
Result<void> MapOwners(int fd, const Mount& mount, const Linux& config, Idmap idmap) {
  const bool own = !mount.uidMappings.empty() || !mount.gidMappings.empty();
  const auto& uids = own ? mount.uidMappings : config.uidMappings;
  const auto& gids = own ? mount.gidMappings : config.gidMappings;
  if (uids.empty() || gids.empty()) {
    return MakeError("uidMappings and gidMappings are both needed, here or in linux");
  }
  const UniqueFd users = TRY(MakeIdmapNamespace(uids, gids));
  return sys::MountSetAttr(fd, idmap == Idmap::kRecursive, MOUNT_ATTR_IDMAP, 0, 0, users.get())
      .Context("map the owners of {}", mount.source);
}

Result<PreparedMount> PrepareMount(const Mount& mount, const Spec& spec,
                                   const std::string& bundle) {
  PreparedMount prepared = {.mount = &mount, .options = TRY(ParseMountOptions(mount))};
  const MountOptions& options = prepared.options;
  if (NormalPath(mount.destination).empty()) return MakeError("the root can't be mounted over");
  if (!options.bind || options.remount) return prepared;
  const unsigned tree = options.recursive ? AT_RECURSIVE : 0;
  prepared.source =
      TRY(sys::OpenTree(AT_FDCWD, InBundle(bundle, mount.source), OPEN_TREE_CLONE | tree));
  const int fd = prepared.source.get();
  TRY(SetAttributes(fd, options, DefaultPropagation(spec.linux_.rootfsPropagation)));
  if (options.idmap != Idmap::kNone) TRY(MapOwners(fd, mount, spec.linux_, options.idmap));
  return prepared;
}

// /proc, /sys and /dev are where programs meet the kernel: a link in their place would lead what is
// set up there to where the image wants it (CVE-2023-27561, CVE-2026-41579).
bool IsKernelPath(const std::string& normal) {
  for (const std::string_view top : {"proc", "sys", "dev"}) {
    if (normal == top || (normal.starts_with(top) && normal[top.size()] == '/')) return true;
  }
  return false;
}

// Mounts on parts of procfs can hide where settings are written to (CVE-2019-16884); these are the
// informative files that tools like lxcfs provide.
Result<void> CheckMountOnProc(int target, const std::string& normal) {
  constexpr std::array<std::string_view, 12> kAllowed = {"proc/cpuinfo",
                                                         "proc/diskstats",
                                                         "proc/loadavg",
                                                         "proc/meminfo",
                                                         "proc/stat",
                                                         "proc/swaps",
                                                         "proc/uptime",
                                                         "proc/slabinfo",
                                                         "proc/net/dev",
                                                         "proc/vmstat",
                                                         "proc/sys/kernel/ns_last_pid",
                                                         "proc/sys/crypto/fips_enabled"};
  struct statfs info;
  if (::fstatfs(target, &info) < 0) return ErrnoError("statfs");
  if (info.f_type != PROC_SUPER_MAGIC) return {};
  if (std::find(kAllowed.begin(), kAllowed.end(), normal) != kAllowed.end()) return {};
  return MakeError("lies inside procfs, where nothing may be mounted");
}

// Only procfs itself may stand for /proc.
Result<void> CheckMountAsProc(const PreparedMount& prepared, const std::string& normal) {
  if (normal != "proc" || prepared.mount->type == "proc") return {};
  struct statfs info;
  if (!prepared.source || ::fstatfs(prepared.source.get(), &info) < 0 ||
      info.f_type != PROC_SUPER_MAGIC) {
    return MakeError("only procfs may be mounted on /proc");
  }
  return {};
}

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

// sysfs shows the devices of a network namespace and belongs to the user namespace that owns it. In
// a new user namespace with a network namespace from outside it can't be mounted; the host's is
// shown instead, never writable.
Result<UniqueFd> NewSysfs(const Spec& spec, const PreparedMount& prepared,
                          const MountPoint& target) {
  auto mount = NewFileSystem("sysfs", prepared.options.set, prepared, target);
  if (mount || !mount.error().Is(EPERM) || !HasNew(spec.linux_, "user")) return mount;
  return HostTree("/sys", prepared.options.set | MOUNT_ATTR_RDONLY);
}

// Type "cgroup" is the v2 hierarchy, also on hosts that mount v1 controllers beside it: there the
// container sees the part of it that it is in, at the place where programs look. Without a cgroup
// namespace of its own it gets a copy of the host's mount instead: to mount that hierarchy anew
// from the first namespace would reset the options of all its mounts.
Result<UniqueFd> NewCgroupfs(const Spec& spec, const PreparedMount& prepared,
                             const MountPoint& target) {
  if (HasNew(spec.linux_, "cgroup")) {
    return NewFileSystem("cgroup2", prepared.options.set, prepared, target);
  }
  for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
    struct statfs info;
    if (::statfs(path, &info) < 0 || info.f_type != CGROUP2_SUPER_MAGIC) continue;
    return HostTree(path, prepared.options.set);
  }
  return MakeError("the host has no cgroup v2 hierarchy mounted");
}

Result<UniqueFd> NewMount(const Spec& spec, const PreparedMount& prepared,
                          const MountPoint& target) {
  const Mount& mount = *prepared.mount;
  if (mount.type == "sysfs") return NewSysfs(spec, prepared, target);
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
  constexpr std::array<std::pair<uint64_t, unsigned long>, 7> kFlags = {
      {{MOUNT_ATTR_RDONLY, MS_RDONLY},
       {MOUNT_ATTR_NOSUID, MS_NOSUID},
       {MOUNT_ATTR_NODEV, MS_NODEV},
       {MOUNT_ATTR_NOEXEC, MS_NOEXEC},
       {MOUNT_ATTR_NODIRATIME, MS_NODIRATIME},
       {MOUNT_ATTR_NOATIME, MS_NOATIME},
       {MOUNT_ATTR_STRICTATIME, MS_STRICTATIME}}};
  unsigned long flags = 0;
  for (const auto& [attribute, flag] : kFlags) {
    if ((prepared.options.set & attribute) != 0) flags |= flag;
  }
  std::string data;
  for (const auto& [key, value] : prepared.options.data) {
    data += fmt::format("{}{}={}", data.empty() ? "" : ",", key, value);
  }
  for (const std::string& flag : prepared.options.flags) {
    data += (data.empty() ? "" : ",") + flag;
  }
  return sys::Mount(prepared.mount->source, fmt::format("/proc/self/fd/{}", target.fd.get()),
                    prepared.mount->type.c_str(), flags, data);
}

bool NeedsOldWay(const PreparedMount& prepared) {
  for (const auto& [key, value] : prepared.options.data) {
    if (value.size() > kMaxValue) return true;
  }
  return false;
}

MountPointKind KindOf(const PreparedMount& prepared) {
  struct stat info;
  const bool file =
      prepared.source && ::fstat(prepared.source.get(), &info) == 0 && !S_ISDIR(info.st_mode);
  return file ? MountPointKind::kFile : MountPointKind::kDirectory;
}

// All attributes are as the options say, as with mount(8).
Result<void> Remount(int root, const std::string& normal, const MountOptions& options) {
  constexpr uint64_t kAll = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                            MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR__ATIME;
  const UniqueFd mount = TRY(OpenInRoot(root, normal, O_PATH, Symlinks::kRefuse));
  return sys::MountSetAttr(mount.get(), false, options.set, kAll, options.propagation)
      .Context("remount");
}

Result<void> MakeMount(int root, const Spec& spec, PreparedMount& prepared,
                       std::vector<UniqueFd>& read_only_later) {
  const std::string normal = NormalPath(prepared.mount->destination);
  if (prepared.options.remount) return Remount(root, normal, prepared.options);
  const MountPoint target =
      TRY(MakeMountPoint(root, normal, KindOf(prepared),
                         IsKernelPath(normal) ? Symlinks::kRefuse : Symlinks::kFollow));
  TRY(CheckMountOnProc(target.fd.get(), normal));
  TRY(CheckMountAsProc(prepared, normal));
  if (NeedsOldWay(prepared)) return MountTheOldWay(prepared, target);
  UniqueFd mount =
      prepared.options.bind ? std::move(prepared.source) : TRY(NewMount(spec, prepared, target));
  if (prepared.options.copy_up) TRY(CopyUp(target.fd.get(), mount.get()));
  TRY(sys::MoveMount(mount.get(), target.fd.get()));
  if (!prepared.options.bind && prepared.options.propagation != 0) {
    TRY(sys::MountSetAttr(mount.get(), false, 0, 0, prepared.options.propagation));
  }
  if (prepared.mount->type == "tmpfs" && (prepared.options.set & MOUNT_ATTR_RDONLY) != 0) {
    read_only_later.push_back(std::move(mount));
  }
  return {};
}

}  // namespace

Result<std::vector<PreparedMount>> PrepareMounts(const Spec& spec, const std::string& bundle) {
  std::vector<PreparedMount> prepared;
  prepared.reserve(spec.mounts.size());
  for (const Mount& mount : spec.mounts) {
    prepared.push_back(TRY(PrepareMount(mount, spec, bundle).Context("{}", mount.destination)));
  }
  return prepared;
}

Result<std::vector<UniqueFd>> MakeMounts(int root, const Spec& spec,
                                         std::vector<PreparedMount>& mounts) {
  std::vector<UniqueFd> read_only_later;
  for (PreparedMount& prepared : mounts) {
    TRY(MakeMount(root, spec, prepared, read_only_later)
            .Context("{}", prepared.mount->destination));
  }
  return read_only_later;
}

}  // namespace berth::runtime
