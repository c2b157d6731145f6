#include <dirent.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include <array>
#include <memory>

#include "agent/shim/rootfs.h"
#include "base/files.h"
#include "base/sys.h"

namespace berth::agent::shim {
namespace {

using Directory = std::unique_ptr<DIR, decltype([](DIR* dir) { ::closedir(dir); })>;

Result<void> CopyDirectory(int from, int to);

Result<void> CopyFile(int from, int to, const std::string& name, const struct stat& info) {
  const UniqueFd source = TRY(sys::OpenAt(from, name, O_RDONLY | O_NOFOLLOW));
  const UniqueFd copy =
      TRY(sys::OpenAt(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, info.st_mode & 07777));
  for (;;) {
    const ssize_t size = ::sendfile(copy.get(), source.get(), nullptr, 1 << 20);
    if (size < 0) return ErrnoError("copy {}", name);
    if (size == 0) break;
  }
  if (::fchown(copy.get(), info.st_uid, info.st_gid) < 0) return ErrnoError("chown {}", name);
  // After chown, which takes the set-id bits away.
  if (::fchmod(copy.get(), info.st_mode & 07777) < 0) return ErrnoError("chmod {}", name);
  return {};
}

Result<void> CopyLink(int from, int to, const std::string& name, const struct stat& info) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = ::readlinkat(from, name.c_str(), target.data(), target.size() - 1);
  if (size < 0) return ErrnoError("readlink {}", name);
  target[static_cast<size_t>(size)] = '\0';
  if (::symlinkat(target.data(), to, name.c_str()) < 0) return ErrnoError("symlink {}", name);
  if (::fchownat(to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return ErrnoError("chown {}", name);
  }
  return {};
}

Result<void> CopyEntry(int from, int to, const std::string& name) {
  struct stat info;
  if (::fstatat(from, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
    return ErrnoError("stat {}", name);
  }
  if (S_ISREG(info.st_mode)) return CopyFile(from, to, name, info);
  if (S_ISLNK(info.st_mode)) return CopyLink(from, to, name, info);
  if (!S_ISDIR(info.st_mode)) return {};  // devices, sockets and fifos stay with the image
  TRY(sys::MkdirAt(to, name, info.st_mode & 07777));
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
  const UniqueFd source = TRY(sys::OpenAt(from, name, flags));
  const UniqueFd copy = TRY(sys::OpenAt(to, name, flags));
  return CopyDirectory(source.get(), copy.get()).Context("{}", name);
}

// Everything in `from`, and its own owner and mode, to `to`.
Result<void> CopyDirectory(int from, int to) {
  UniqueFd listing = TRY(sys::OpenAt(from, ".", O_RDONLY | O_DIRECTORY));
  const Directory dir(::fdopendir(listing.get()));
  if (!dir) return ErrnoError("read directory");
  (void)listing.Release();  // closed with `dir`
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") TRY(CopyEntry(from, to, name));
  }
  struct stat info;
  if (::fstat(from, &info) < 0) return ErrnoError("stat");
  if (::fchown(to, info.st_uid, info.st_gid) < 0) return ErrnoError("chown");
  if (::fchmod(to, info.st_mode & 07777) < 0) return ErrnoError("chmod");
  return {};
}

}  // namespace

Result<void> SeedVolume(int root, const VolumeSeed& seed) {
  if (!TRY(ListDirectory(seed.volume)).empty()) return {};
  const std::string inside =
      seed.path.substr(std::min(seed.path.find_first_not_of('/'), seed.path.size()));
  auto source = sys::OpenAt2(root, inside.empty() ? "." : inside, O_RDONLY | O_DIRECTORY,
                             RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (!source) {
    if (source.error().Is(ENOENT) || source.error().Is(ENOTDIR)) return {};
    return source.error();
  }
  const UniqueFd volume = TRY(sys::Open(seed.volume, O_RDONLY | O_DIRECTORY));
  return CopyDirectory(source->get(), volume.get()).Context("fill volume from {}", seed.path);
}

}  // namespace berth::agent::shim
