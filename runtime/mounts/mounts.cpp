#include "runtime/mounts/mounts.h"

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/sys.h"
#include "runtime/mounts/copy_up.h"
#include "runtime/mounts/file_system.h"
#include "runtime/mounts/idmap.h"
#include "runtime/mounts/root.h"
#include "runtime/process/security_label.h"

namespace berth::runtime {
namespace {

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
  // relatime is no bit, only the clearing of the others.
  if (options.set == 0 && options.clear == 0 && own == 0) return {};
  return sys::MountSetAttr(fd, false, options.set, options.clear, own);
}

// What PrepareMounts is given.
struct Sources {
  const Spec& spec;
  const std::string& bundle;
  int user_namespace;
};

// Without mappings of its own it is the container's that count.
Result<void> MapOwners(int fd, const Mount& mount, const Sources& sources, Idmap idmap) {
  const Linux& config = sources.spec.linux_;
  const bool own = !mount.uidMappings.empty() || !mount.gidMappings.empty();
  UniqueFd made;
  int users = sources.user_namespace;
  if (own || users < 0) {
    const auto& uids = own ? mount.uidMappings : config.uidMappings;
    const auto& gids = own ? mount.gidMappings : config.gidMappings;
    if (uids.empty() || gids.empty()) {
      return MakeError("uidMappings and gidMappings are both needed, here or in linux");
    }
    made = TRY(MakeIdmapNamespace(uids, gids));
    users = made.get();
  }
  return sys::MountSetAttr(fd, idmap == Idmap::kRecursive, MOUNT_ATTR_IDMAP, 0, 0, users)
      .Context("map the owners of {}", mount.source);
}

// Files of procfs, sysfs and cgroupfs have labels of their own, and the kernel has mounted mqueue
// already, without one.
bool TakesContext(const std::string& type) {
  return type != "proc" && type != "sysfs" && type != "mqueue" && !type.starts_with("cgroup");
}

// Where it leads, if it is a symbolic link.
Result<std::optional<std::string>> LinkTarget(const std::string& path) {
  auto target = sys::ReadLink(path);
  if (target) return std::move(*target);
  if (target.error().Is(EINVAL)) return std::nullopt;  // something else is there
  return Error(target.error());
}

Result<PreparedMount> PrepareMount(const Mount& mount, const Sources& sources) {
  const Spec& spec = sources.spec;
  PreparedMount prepared = {.mount = &mount};
  prepared.options = TRY(ParseMountOptions(mount));
  const MountOptions& options = prepared.options;
  if (NormalPath(mount.destination).empty()) return MakeError("the root can't be mounted over");
  if (options.remount) return prepared;
  if (!options.bind) {
    const std::string& label = spec.linux_.mountLabel;
    if (!label.empty() && TakesContext(mount.type)) {
      prepared.options.data.emplace_back(spec.extensions.mount_context, label);
    }
    return prepared;
  }
  const std::string path = InBundle(sources.bundle, mount.source);
  if (options.copy_link) prepared.link = TRY(LinkTarget(path));
  if (prepared.link) return prepared;
  unsigned tree = OPEN_TREE_CLONE;
  if (options.recursive) tree |= AT_RECURSIVE;
  if (options.source_link) tree |= AT_SYMLINK_NOFOLLOW;
  prepared.source = TRY(sys::OpenTree(AT_FDCWD, path, tree));
  const int fd = prepared.source.get();
  TRY(SetAttributes(fd, options, DefaultPropagation(spec.linux_.rootfsPropagation)));
  if (options.idmap != Idmap::kNone) TRY(MapOwners(fd, mount, sources, options.idmap));
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

MountPointKind KindOf(const PreparedMount& prepared) {
  struct stat info;
  const bool file =
      prepared.source && ::fstat(prepared.source.get(), &info) == 0 && !S_ISDIR(info.st_mode);
  return file ? MountPointKind::kFile : MountPointKind::kDirectory;
}

Symlinks LinksAt(const std::string& normal, const MountOptions& options) {
  if (IsKernelPath(normal)) return Symlinks::kRefuse;
  return options.destination_link ? Symlinks::kLastIsIt : Symlinks::kFollow;
}

// All attributes of this mount are as the options say, as with mount(8); those of what is below it
// stay unless an option speaks of them.
Result<void> Remount(int root, const std::string& normal, const MountOptions& options) {
  constexpr uint64_t kAll = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
                            MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR__ATIME |
                            MOUNT_ATTR_NOSYMFOLLOW;
  const UniqueFd mount = TRY(OpenInRoot(root, normal, O_PATH, Symlinks::kRefuse));
  const uint64_t own = options.recursive_propagation ? 0 : options.propagation;
  const uint64_t all = options.propagation & ~own;
  if ((options.recursive_set | options.recursive_clear | all) != 0) {
    TRY(sys::MountSetAttr(mount.get(), true, options.recursive_set, options.recursive_clear, all)
            .Context("remount"));
  }
  return sys::MountSetAttr(mount.get(), false, options.Attributes(), kAll, own).Context("remount");
}

}  // namespace

Result<std::vector<PreparedMount>> PrepareMounts(const Spec& spec, const std::string& bundle,
                                                 int user_namespace) {
  const Sources sources = {spec, bundle, user_namespace};
  std::vector<PreparedMount> prepared;
  prepared.reserve(spec.mounts.size());
  for (const Mount& mount : spec.mounts) {
    prepared.push_back(TRY(PrepareMount(mount, sources).Context("{}", mount.destination)));
  }
  return prepared;
}

Result<MountPoint> PlaceOfMount(int root, const PreparedMount& prepared) {
  const std::string normal = NormalPath(prepared.mount->destination);
  return MakeMountPoint(root, normal, KindOf(prepared), LinksAt(normal, prepared.options));
}

Result<UniqueFd> MakeMount(int root, const Spec& spec, PreparedMount& prepared) {
  const std::string normal = NormalPath(prepared.mount->destination);
  if (prepared.options.remount) {
    TRY(Remount(root, normal, prepared.options));
    return UniqueFd();
  }
  if (prepared.link) {
    if (IsKernelPath(normal)) return MakeError("a link can't be made in the kernel's file systems");
    TRY(MakeLinkInRoot(root, normal, *prepared.link));
    return UniqueFd();
  }
  const MountPoint target = TRY(PlaceOfMount(root, prepared));
  TRY(CheckMountOnProc(target.fd.get(), normal));
  TRY(CheckMountAsProc(prepared, normal));
  if (NeedsOldWay(prepared)) {
    TRY(MountTheOldWay(prepared, target));
    return UniqueFd();
  }
  UniqueFd mount =
      prepared.options.bind ? std::move(prepared.source) : TRY(NewMount(spec, prepared, target));
  if (prepared.mount->type == "mqueue" && !spec.linux_.mountLabel.empty()) {
    TRY(LabelMount(mount.get(), spec.linux_.mountLabel));
  }
  if (prepared.options.copy_up) TRY(CopyUp(target.fd.get(), mount.get()));
  TRY(sys::MoveMount(mount.get(), target.fd.get()));
  if (!prepared.options.bind && prepared.options.propagation != 0) {
    TRY(sys::MountSetAttr(mount.get(), false, 0, 0, prepared.options.propagation));
  }
  return mount;
}

Result<std::vector<UniqueFd>> MakeMounts(int root, const Spec& spec,
                                         std::vector<PreparedMount>& mounts) {
  std::vector<UniqueFd> read_only_later;
  for (PreparedMount& prepared : mounts) {
    UniqueFd mount =
        TRY(MakeMount(root, spec, prepared).Context("{}", prepared.mount->destination));
    const bool read_only = (prepared.options.set & MOUNT_ATTR_RDONLY) != 0;
    if (mount && read_only && prepared.mount->type == "tmpfs") {
      read_only_later.push_back(std::move(mount));
    }
  }
  return read_only_later;
}

}  // namespace berth::runtime
