#include "base/sys.h"

#include <dirent.h>
#include <limits.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <memory>

namespace berth::sys {
namespace {

template <typename Call>
auto Retry(Call call) {
  decltype(call()) result;
  do {
    result = call();
  } while (result == -1 && errno == EINTR);
  return result;
}

Result<UniqueFd> Owned(long fd, std::string_view what) {
  if (fd < 0) return ErrnoError("{}", what);
  return UniqueFd(static_cast<int>(fd));
}

Result<void> Done(long result, std::string_view what) {
  if (result < 0) return ErrnoError("{}", what);
  return {};
}

}  // namespace

Result<UniqueFd> OpenAt(int dir, const std::string& path, int flags, mode_t mode) {
  const int fd = Retry([&] { return ::openat(dir, path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) return ErrnoError("open {}", path);
  return UniqueFd(fd);
}

Result<UniqueFd> Open(const std::string& path, int flags, mode_t mode) {
  return OpenAt(AT_FDCWD, path, flags, mode);
}

Result<UniqueFd> OpenAt2(int dir, const std::string& path, uint64_t flags, uint64_t resolve,
                         mode_t mode) {
  open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
  // EAGAIN: something was renamed while the kernel walked a path that must not leave its root.
  long fd = -1;
  for (int tries = 0; tries < 128; ++tries) {
    fd = Retry([&] { return ::syscall(SYS_openat2, dir, path.c_str(), &how, sizeof how); });
    if (fd >= 0 || errno != EAGAIN) break;
  }
  if (fd < 0) return ErrnoError("openat2 {}", path);
  return UniqueFd(static_cast<int>(fd));
}

Result<std::string> ReadLink(const std::string& path) {
  std::array<char, PATH_MAX> target;
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  if (size < 0) return ErrnoError("readlink {}", path);
  return std::string(target.data(), static_cast<size_t>(size));
}

Result<std::string> PathOf(int fd) { return ReadLink(fmt::format("/proc/self/fd/{}", fd)); }

Result<UniqueFd> Dup(int fd) { return Owned(::fcntl(fd, F_DUPFD_CLOEXEC, 3), "dup"); }

Result<std::pair<UniqueFd, UniqueFd>> Pipe(int flags) {
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), flags | O_CLOEXEC) < 0) return ErrnoError("pipe");
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

Result<std::pair<UniqueFd, UniqueFd>> SocketPair(int type) {
  std::array<int, 2> ends;
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) < 0) {
    return ErrnoError("socketpair");
  }
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

Result<size_t> Read(int fd, std::span<char> buffer) {
  const ssize_t size = Retry([&] { return ::read(fd, buffer.data(), buffer.size()); });
  if (size < 0) return ErrnoError("read");
  return static_cast<size_t>(size);
}

Result<void> WriteAll(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t size = Retry([&] { return ::write(fd, data.data(), data.size()); });
    if (size < 0) return ErrnoError("write");
    data.remove_prefix(static_cast<size_t>(size));
  }
  return {};
}

Result<void> MkdirAt(int dir, const std::string& path, mode_t mode) {
  if (::mkdirat(dir, path.c_str(), mode) < 0) return ErrnoError("mkdir {}", path);
  return {};
}

Result<void> MakeDirectories(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) return {};
  if (errno == ENOENT) {
    const size_t slash = path.find_last_of('/');
    if (slash != std::string::npos && slash > 0) {
      TRY(MakeDirectories(path.substr(0, slash), mode));
      if (::mkdir(path.c_str(), mode) == 0) return {};
    }
  }
  if (errno == EEXIST) {
    struct stat info;
    if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
    errno = ENOTDIR;
  }
  return ErrnoError("mkdir {}", path);
}

Result<void> Rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) < 0) return ErrnoError("rename {} to {}", from, to);
  return {};
}

Result<void> Unlink(const std::string& path) {
  if (::unlink(path.c_str()) < 0 && errno != ENOENT) return ErrnoError("unlink {}", path);
  return {};
}

namespace {

using Directory = std::unique_ptr<DIR, decltype([](DIR* dir) { ::closedir(dir); })>;

// Empties and removes `name` of `parent`. Works by descriptors, so that nobody who renames things
// meanwhile can lead it elsewhere; goes deep by recursion, one descriptor a level.
Result<void> RemoveTreeAt(int parent, const std::string& name) {
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) return {};
  if (errno != EISDIR && errno != EPERM) return ErrnoError("unlink {}", name);
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  if (errno != ENOTEMPTY && errno != EEXIST) return ErrnoError("rmdir {}", name);
  auto fd =
      OpenAt2(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, RESOLVE_NO_XDEV | RESOLVE_BENEATH);
  if (!fd && fd.error().Is(ENOENT)) return {};  // somebody else is removing it, too
  if (!fd) return fd.error();
  const Directory dir(::fdopendir(fd->get()));
  if (!dir) return ErrnoError("read directory {}", name);
  const int dir_fd = fd->Release();  // closed with `dir`
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view child = entry->d_name;
    if (child == "." || child == "..") continue;
    TRY(RemoveTreeAt(dir_fd, std::string(child)).Context("{}", name));
  }
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT) {
    return ErrnoError("rmdir {}", name);
  }
  return {};
}

}  // namespace

Result<void> RemoveTree(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  auto fd = Open(parent, O_PATH | O_DIRECTORY);
  if (!fd) {
    if (fd.error().Is(ENOENT)) return {};
    return fd.error();
  }
  return RemoveTreeAt(fd->get(), path.substr(slash == std::string::npos ? 0 : slash + 1))
      .Context("remove {}", path);
}

Result<void> Unshare(int flags) { return Done(::unshare(flags), "unshare"); }
Result<void> Setns(int fd, int nstype) { return Done(::setns(fd, nstype), "setns"); }

Result<void> Mount(const std::string& source, const std::string& target, const char* type,
                   unsigned long flags, const std::string& data) {
  if (::mount(source.c_str(), target.c_str(), type, flags, data.c_str()) < 0) {
    return ErrnoError("mount {} on {}", type != nullptr ? type : source.c_str(), target);
  }
  return {};
}

Result<UniqueFd> FsOpen(const char* type) {
  const int fd = ::fsopen(type, FSOPEN_CLOEXEC);
  if (fd < 0) return ErrnoError("fsopen {}", type);
  return UniqueFd(fd);
}

Result<void> FsConfigString(int fs, const char* key, const std::string& value) {
  if (::fsconfig(fs, FSCONFIG_SET_STRING, key, value.c_str(), 0) < 0) {
    return ErrnoError("fsconfig {}={}", key, value);
  }
  return {};
}

Result<void> FsConfigFlag(int fs, const char* key) {
  if (::fsconfig(fs, FSCONFIG_SET_FLAG, key, nullptr, 0) < 0) {
    return ErrnoError("fsconfig {}", key);
  }
  return {};
}

Result<void> FsConfigFd(int fs, const char* key, int fd) {
  if (::fsconfig(fs, FSCONFIG_SET_FD, key, nullptr, fd) < 0) return ErrnoError("fsconfig {}", key);
  return {};
}

Result<void> FsConfigCreate(int fs) {
  if (::fsconfig(fs, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0) {
    return ErrnoError("fsconfig create");
  }
  return {};
}

Result<UniqueFd> FsMount(int fs, uint64_t attributes) {
  return Owned(::fsmount(fs, FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)), "fsmount");
}

Result<UniqueFd> OpenTree(int dir, const std::string& path, unsigned flags) {
  const int fd = ::open_tree(dir, path.c_str(), flags | OPEN_TREE_CLOEXEC);
  if (fd < 0) return ErrnoError("open_tree {}", path);
  return UniqueFd(fd);
}

Result<void> MoveMount(int mount, int target) {
  return Done(
      ::move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH),
      "move_mount");
}

Result<void> MoveMount(int mount, const std::string& target) {
  return Done(::move_mount(mount, "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH),
              "move_mount");
}

Result<void> MountSetAttr(int mount, bool recursive, uint64_t set, uint64_t clear,
                          uint64_t propagation, int userns) {
  mount_attr attr = {.attr_set = set,
                     .attr_clr = clear,
                     .propagation = propagation,
                     .userns_fd = static_cast<uint64_t>(userns < 0 ? 0 : userns)};
  const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  return Done(::syscall(SYS_mount_setattr, mount, "", flags, &attr, sizeof attr), "mount_setattr");
}

Result<UniqueFd> PidfdOpen(pid_t pid) {
  return Owned(::syscall(SYS_pidfd_open, pid, 0), fmt::format("pidfd_open {}", pid));
}

Result<void> PidfdSendSignal(int pidfd, int signal) {
  return Done(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0), "pidfd_send_signal");
}

Result<void> CloseOnExecFrom(unsigned first) {
  return Done(::syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
}

Result<void> AllowManyDescriptors() {
  rlimit limit{};
  TRY(Done(::getrlimit(RLIMIT_NOFILE, &limit), "getrlimit"));
  limit.rlim_cur = limit.rlim_max;
  return Done(::setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

}  // namespace berth::sys
