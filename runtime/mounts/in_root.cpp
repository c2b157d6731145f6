#include "runtime/mounts/in_root.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "base/sys.h"
#include "base/text.h"

namespace berth::runtime {
namespace {

constexpr int kMaxLinks = 40;  // as the kernel's own limit

std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}
std::string NameOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

Result<std::string> ReadLinkAt(int dir, const std::string& name) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = ::readlinkat(dir, name.c_str(), target.data(), target.size());
  if (size < 0) return ErrnoError("{} is in the way", name);
  return std::string(target.data(), static_cast<size_t>(size));
}

// Makes one entry in `parent`; EEXIST is the caller's to judge.
Result<void> MakeEntry(int parent, const std::string& name, MountPointKind kind) {
  if (kind == MountPointKind::kDirectory) return sys::MkdirAt(parent, name, 0755);
  if (::mknodat(parent, name.c_str(), S_IFREG | 0644, 0) < 0) return ErrnoError("make {}", name);
  return {};
}

// Whoever shares the file system can change it under our feet, so each step starts from a
// descriptor of what is there and nothing is assumed of what was.
Result<MountPoint> OpenOrMake(int root, const std::string& path, MountPointKind kind,
                              Symlinks symlinks, int links_left) {
  auto there = OpenInRoot(root, path, O_PATH, symlinks);
  const Symlinks above = symlinks == Symlinks::kRefuse ? symlinks : Symlinks::kFollow;
  if (there) return MountPoint{.fd = std::move(*there), .existed = true};
  if (!there.error().Is(ENOENT)) return there.error();
  if (links_left == 0) return MakeError("{}: too many symbolic links", path);

  const std::string parent_path = ParentOf(path);
  const std::string name = NameOf(path);
  const MountPoint parent =
      TRY(OpenOrMake(root, parent_path, MountPointKind::kDirectory, above, links_left - 1));
  if (auto made = MakeEntry(parent.fd.get(), name, kind); !made) {
    if (!made.error().Is(EEXIST)) return made.error();
    if (symlinks != Symlinks::kFollow) return made.error();
    // Someone was quicker, or there is a link that leads nowhere: then we make what it names. A
    // link of /proc never is one of these, whatever text it shows.
    auto again = OpenInRoot(root, path, O_PATH, symlinks);
    if (again) return MountPoint{.fd = std::move(*again), .existed = true};
    if (!again.error().Is(ENOENT)) return again.error();
    const std::string target = TRY(ReadLinkAt(parent.fd.get(), name));
    const std::string next = target.starts_with('/') ? target : parent_path + "/" + target;
    return OpenOrMake(root, next, kind, symlinks, links_left - 1);
  }
  return MountPoint{.fd = TRY(sys::OpenAt(parent.fd.get(), name, O_PATH | O_NOFOLLOW))};
}

}  // namespace

std::string NormalPath(std::string_view path) {
  std::vector<std::string> kept;
  for (std::string& part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(std::move(part));
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  return Join(kept, "/");
}

Result<UniqueFd> OpenInRoot(int root, const std::string& path, int flags, Symlinks symlinks) {
  uint64_t resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  if (symlinks == Symlinks::kRefuse) resolve |= RESOLVE_NO_SYMLINKS;
  if (symlinks == Symlinks::kLastIsIt) flags |= O_NOFOLLOW;
  return sys::OpenAt2(root, path.empty() ? "." : path, static_cast<uint64_t>(flags), resolve);
}

Result<UniqueFd> MakeDirectoryInRoot(int root, const std::string& path, Symlinks symlinks) {
  MountPoint made = TRY(OpenOrMake(root, path, MountPointKind::kDirectory, symlinks, kMaxLinks));
  struct stat info;
  if (::fstat(made.fd.get(), &info) < 0) return ErrnoError("stat {}", path);
  if (!S_ISDIR(info.st_mode)) return Error(fmt::format("{} is not a directory", path), ENOTDIR);
  return std::move(made.fd);
}

Result<MountPoint> MakeMountPoint(int root, const std::string& path, MountPointKind kind,
                                  Symlinks symlinks) {
  return OpenOrMake(root, path, kind, symlinks, kMaxLinks);
}

Result<void> MakeLinkInRoot(int root, const std::string& path, const std::string& target) {
  const MountPoint parent = TRY(
      OpenOrMake(root, ParentOf(path), MountPointKind::kDirectory, Symlinks::kFollow, kMaxLinks));
  const std::string name = NameOf(path);
  if (::symlinkat(target.c_str(), parent.fd.get(), name.c_str()) == 0) return {};
  if (errno != EEXIST) return ErrnoError("make link {}", path);
  const std::string present = TRY(ReadLinkAt(parent.fd.get(), name));
  if (present == target) return {};
  return MakeError("a link to {} is there already, not to {}", present, target);
}

Result<void> CheckNullDevice(int fd) {
  struct stat info;
  if (::fstat(fd, &info) < 0) return ErrnoError("stat /dev/null");
  if (!S_ISCHR(info.st_mode) || info.st_rdev != makedev(1, 3)) {
    return MakeError("/dev/null is not the null device");
  }
  return {};
}

}  // namespace berth::runtime
