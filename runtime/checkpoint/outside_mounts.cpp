#include "base/sys.h"
#include "runtime/checkpoint/outside.h"
#include "runtime/mounts/devices.h"
#include "runtime/mounts/in_root.h"
#include "runtime/mounts/mount_options.h"
#include "runtime/mounts/root.h"
#include "runtime/namespaces.h"

namespace berth::runtime {
namespace {

constexpr const char* kNull = "/dev/null";

std::string NameOf(const Mount& mount) { return "/" + NormalPath(mount.destination); }

// Of those that stand for something of the host's: not a copied link, and not what only changes
// attributes.
Result<bool> IsOutside(const Mount& mount) {
  const MountOptions options = TRY(ParseMountOptions(mount).Context("{}", mount.destination));
  return options.bind && !options.remount;
}

// The path of what is at `path` in the root that `root` is, without links: that of the mount there.
Result<std::string> RealPathInRoot(int root, const std::string& path) {
  const UniqueFd there = TRY(OpenInRoot(root, NormalPath(path), O_PATH));
  return sys::PathOf(there.get());
}

// The program may have removed or hidden it since.
std::string PlaceOf(int root, const std::string& path) {
  return RealPathInRoot(root, path).ValueOr("/" + NormalPath(path));
}

// Directories are hidden by file systems of the container's own.
bool IsHiddenFile(int root, const std::string& path) {
  const auto there = OpenInRoot(root, NormalPath(path), O_PATH);
  return there && CheckNullDevice(there->get());
}

// In a user namespace no device can be made: they are the host's, bound.
std::vector<std::string> BoundDevices(const Spec& spec) {
  if (FindNamespace(spec.linux_, "user") == nullptr) return {};
  return DevicePaths(spec);
}

}  // namespace

Result<std::vector<CriuPair>> MountsOutside(const Spec& spec, pid_t pid) {
  const UniqueFd root = TRY(sys::Open(fmt::format("/proc/{}/root", pid), O_PATH | O_DIRECTORY));
  std::vector<CriuPair> mounts;
  for (const Mount& mount : spec.mounts) {
    if (!TRY(IsOutside(mount))) continue;
    mounts.push_back({.first = PlaceOf(root.get(), mount.destination), .second = NameOf(mount)});
  }
  for (const std::string& path : spec.linux_.maskedPaths) {
    if (!IsHiddenFile(root.get(), path)) continue;
    mounts.push_back({.first = PlaceOf(root.get(), path), .second = kNull});
  }
  for (const std::string& path : BoundDevices(spec)) {
    mounts.push_back({.first = PlaceOf(root.get(), path), .second = path});
  }
  return mounts;
}

Result<std::vector<CriuPair>> MountsToRestore(const Spec& spec, const std::string& bundle) {
  std::vector<CriuPair> mounts;
  for (const Mount& mount : spec.mounts) {
    if (!TRY(IsOutside(mount))) continue;
    mounts.push_back({.first = NameOf(mount), .second = InBundle(bundle, mount.source)});
  }
  if (!spec.linux_.maskedPaths.empty()) mounts.push_back({.first = kNull, .second = kNull});
  for (const std::string& path : BoundDevices(spec)) {
    if (path != kNull) mounts.push_back({.first = path, .second = path});
  }
  return mounts;
}

}  // namespace berth::runtime
