#include "runtime/mounts/devices.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include "base/sys.h"
#include "runtime/mounts/in_root.h"
#include "runtime/mounts/mount_options.h"

namespace berth::runtime {
namespace {

struct DefaultDevice {
  const char* name;
  unsigned major;
  unsigned minor;
};
constexpr std::array<DefaultDevice, 6> kDefaultDevices = {{{"null", 1, 3},
                                                           {"zero", 1, 5},
                                                           {"full", 1, 7},
                                                           {"random", 1, 8},
                                                           {"urandom", 1, 9},
                                                           {"tty", 5, 0}}};

constexpr std::array<std::pair<const char*, const char*>, 6> kLinks = {
    {{"/proc/self/fd", "fd"},
     {"/proc/self/fd/0", "stdin"},
     {"/proc/self/fd/1", "stdout"},
     {"/proc/self/fd/2", "stderr"},
     {"/proc/kcore", "core"},
     {"pts/ptmx", "ptmx"}}};

bool IsBound(const Spec& spec) {
  for (const Mount& mount : spec.mounts) {
    if (NormalPath(mount.destination) != "dev") continue;
    const auto options = ParseMountOptions(mount);
    if (options && options->bind) return true;
  }
  return false;
}

mode_t TypeBits(const Device& device) {
  if (device.type == "b") return S_IFBLK;
  return device.type == "p" ? S_IFIFO : S_IFCHR;
}

// The file that `fd` names must be the device that was asked for.
Result<void> CheckDevice(int fd, const Device& device) {
  struct stat info;
  if (::fstat(fd, &info) < 0) return ErrnoError("stat");
  const bool same_type = (info.st_mode & S_IFMT) == TypeBits(device);
  const bool same_number =
      device.type == "p" || info.st_rdev == makedev(device.major, device.minor);
  if (same_type && same_number) return {};
  return MakeError("is not the device {}:{} of type {}", device.major, device.minor, device.type);
}

Result<void> BindFromHost(int dir, const std::string& name, const Device& device) {
  UniqueFd node = TRY(sys::OpenTree(AT_FDCWD, device.path, OPEN_TREE_CLONE));
  TRY(CheckDevice(node.get(), device).Context("the host's {}", device.path));
  const MountPoint place = TRY(MakeMountPoint(dir, name, MountPointKind::kFile, Symlinks::kRefuse));
  return sys::MoveMount(node.get(), place.fd.get());
}

Result<void> MakeNode(int dir, const std::string& name, const Device& device) {
  const mode_t mode = TypeBits(device) | (device.fileMode.value_or(0666) & 07777);
  if (::mknodat(dir, name.c_str(), mode, makedev(device.major, device.minor)) < 0) {
    if (errno == EPERM) return BindFromHost(dir, name, device);
    if (errno != EEXIST) return ErrnoError("mknod");
    const UniqueFd there = TRY(sys::OpenAt(dir, name, O_PATH | O_NOFOLLOW));
    return CheckDevice(there.get(), device);
  }
  if (!device.uid && !device.gid) return {};
  if (::fchownat(dir, name.c_str(), device.uid.value_or(0), device.gid.value_or(0),
                 AT_SYMLINK_NOFOLLOW) < 0) {
    return ErrnoError("chown");
  }
  return {};
}

Result<void> MakeDefaults(int dev) {
  for (const DefaultDevice& device : kDefaultDevices) {
    const std::string path = fmt::format("/dev/{}", device.name);
    const Device node = {.type = "c", .path = path, .major = device.major, .minor = device.minor};
    TRY(MakeNode(dev, device.name, node).Context("{}", path));
  }
  for (const auto& [target, name] : kLinks) {
    if (::symlinkat(target, dev, name) < 0 && errno != EEXIST) {
      return ErrnoError("link /dev/{}", name);
    }
  }
  return {};
}

// The link to the container's own devpts stands there: the host's would open the host's.
bool IsMade(const std::string& path, bool is_bound) {
  return path != "dev/ptmx" && !(is_bound && path.starts_with("dev/"));
}

Result<void> MakeDevice(int root, const Device& device) {
  const std::string path = NormalPath(device.path);
  const size_t slash = path.find_last_of('/');
  const std::string parent = slash == std::string::npos ? "" : path.substr(0, slash);
  const UniqueFd dir = TRY(MakeDirectoryInRoot(root, parent, Symlinks::kRefuse));
  return MakeNode(dir.get(), path.substr(slash == std::string::npos ? 0 : slash + 1), device);
}

}  // namespace

Result<void> MakeDevices(int root, const Spec& spec) {
  const bool is_bound = IsBound(spec);  // with the devices that are there
  if (!is_bound) {
    const UniqueFd dev = TRY(MakeDirectoryInRoot(root, "dev", Symlinks::kRefuse));
    TRY(MakeDefaults(dev.get()));
  }
  for (const Device& device : spec.linux_.devices) {
    if (!IsMade(NormalPath(device.path), is_bound)) continue;
    TRY(MakeDevice(root, device).Context("{}", device.path));
  }
  return {};
}

std::vector<std::string> DevicePaths(const Spec& spec) {
  const bool is_bound = IsBound(spec);
  std::vector<std::string> paths;
  for (const DefaultDevice& device : kDefaultDevices) {
    if (!is_bound) paths.push_back(fmt::format("/dev/{}", device.name));
  }
  for (const Device& device : spec.linux_.devices) {
    const std::string path = NormalPath(device.path);
    if (IsMade(path, is_bound)) paths.push_back("/" + path);
  }
  return paths;
}

}  // namespace berth::runtime
