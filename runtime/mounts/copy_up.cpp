#include "runtime/mounts/copy_up.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "base/sys.h"

namespace berth::runtime {
namespace {

// Through /proc, as an O_PATH descriptor of a link or a node has no attributes of its own
// otherwise.
std::string ByDescriptor(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

Result<void> CopyAttributes(int from, int to) {
  std::array<char, 4096> names;
  const ssize_t size = ::flistxattr(from, names.data(), names.size());
  if (size < 0) return errno == ENOTSUP ? Result<void>() : ErrnoError("flistxattr");
  for (const char* name = names.data(); name < names.data() + size;
       name += std::string_view(name).size() + 1) {
    std::array<char, 65536> value;
    const ssize_t length = ::fgetxattr(from, name, value.data(), value.size());
    if (length < 0) return ErrnoError("fgetxattr {}", name);
    // A tmpfs may not know the kind; security.* needs rights that a container may lack.
    if (::fsetxattr(to, name, value.data(), static_cast<size_t>(length), 0) < 0 &&
        errno != ENOTSUP && errno != EPERM) {
      return ErrnoError("fsetxattr {}", name);
    }
  }
  return {};
}

Result<void> CopyMeta(int from, int to, const struct stat& info) {
  if (::fchown(to, info.st_uid, info.st_gid) < 0) return ErrnoError("fchown");
  if (::fchmod(to, info.st_mode & 07777) < 0) return ErrnoError("fchmod");
  TRY(CopyAttributes(from, to));
  const std::array<timespec, 2> times = {info.st_atim, info.st_mtim};
  if (::futimens(to, times.data()) < 0) return ErrnoError("futimens");
  return {};
}

Result<void> CopyFile(int from, int to_dir, const char* name, const struct stat& info) {
  const UniqueFd to =
      TRY(sys::OpenAt(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  constexpr size_t kChunk = size_t{1} << 30;
  for (;;) {
    const ssize_t copied = ::sendfile(to.get(), from, nullptr, kChunk);
    if (copied < 0) return ErrnoError("copy");
    if (copied == 0) return CopyMeta(from, to.get(), info);
  }
}

Result<void> CopyLink(int from_dir, int to_dir, const char* name, const struct stat& info) {
  std::array<char, PATH_MAX> target = {};
  if (::readlinkat(from_dir, name, target.data(), target.size() - 1) < 0) {
    return ErrnoError("readlink");
  }
  if (::symlinkat(target.data(), to_dir, name) < 0) return ErrnoError("symlink");
  if (::fchownat(to_dir, name, info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return ErrnoError("chown");
  }
  return {};
}

Result<void> CopyNode(int to_dir, const char* name, const struct stat& info) {
  if (::mknodat(to_dir, name, info.st_mode, info.st_rdev) < 0) return ErrnoError("mknod");
  if (::fchownat(to_dir, name, info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return ErrnoError("chown");
  }
  return {};
}

Result<void> CopyDirectory(int from, int to, dev_t device);

// The kind is looked at on the opened file, never on its name: the image's files may be in others'
// hands at this moment.
Result<void> CopyEntry(int from_dir, int to_dir, const char* name, dev_t device) {
  const UniqueFd place = TRY(sys::OpenAt(from_dir, name, O_PATH | O_NOFOLLOW));
  struct stat info;
  if (::fstat(place.get(), &info) < 0) return ErrnoError("stat");
  if (info.st_dev != device) return {};  // something mounted there
  if (S_ISLNK(info.st_mode)) return CopyLink(from_dir, to_dir, name, info);
  if (S_ISREG(info.st_mode)) {
    const UniqueFd file = TRY(sys::Open(ByDescriptor(place.get()), O_RDONLY));
    return CopyFile(file.get(), to_dir, name, info);
  }
  if (!S_ISDIR(info.st_mode)) return CopyNode(to_dir, name, info);
  const UniqueFd from = TRY(sys::OpenAt(place.get(), ".", O_RDONLY | O_DIRECTORY));
  TRY(sys::MkdirAt(to_dir, name, 0700));
  const UniqueFd to = TRY(sys::OpenAt(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  TRY(CopyDirectory(from.get(), to.get(), device));
  return CopyMeta(from.get(), to.get(), info);
}

Result<void> CopyDirectory(int from, int to, dev_t device) {
  UniqueFd listing = TRY(sys::OpenAt(from, ".", O_RDONLY | O_DIRECTORY));
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(listing.get()), ::closedir);
  if (!entries) return ErrnoError("fdopendir");
  static_cast<void>(listing.Release());
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    TRY(CopyEntry(from, to, entry->d_name, device).Context("{}", name));
  }
  return {};
}

}  // namespace

Result<void> CopyUp(int from, int to) {
  const UniqueFd directory = TRY(sys::OpenAt(from, ".", O_RDONLY | O_DIRECTORY));
  const UniqueFd target = TRY(sys::OpenAt(to, ".", O_RDONLY | O_DIRECTORY));
  struct stat info;
  if (::fstat(directory.get(), &info) < 0) return ErrnoError("stat");
  TRY(CopyDirectory(directory.get(), target.get(), info.st_dev));
  return CopyMeta(directory.get(), target.get(), info);
}

}  // namespace berth::runtime
