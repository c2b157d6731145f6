#include "agent/images/layer_tree.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::images {
namespace {

constexpr size_t kOpenDirectories = 64;
constexpr uint64_t kResolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
constexpr mode_t kPermissions = 07777;

bool IsWhiteout(int parent, const std::string& name) {
  struct stat info;
  return ::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISCHR(info.st_mode) && info.st_rdev == makedev(0, 0);
}

bool IsDirectory(int parent, const std::string& name) {
  struct stat info;
  return ::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

Result<void> SetOpaque(int directory) {
  if (::fsetxattr(directory, "trusted.overlay.opaque", "y", 1, 0) < 0) {
    return ErrnoError("set trusted.overlay.opaque");
  }
  return {};
}

// Owner first: chown(2) takes setuid bits and security.capability away.
Result<void> SetOnDescriptor(int fd, const Attributes& attributes) {
  if (::fchown(fd, attributes.uid, attributes.gid) < 0) return ErrnoError("chown");
  if (::fchmod(fd, attributes.mode & kPermissions) < 0) return ErrnoError("chmod");
  for (const auto& [name, value] : attributes.xattrs) {
    if (::fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0) continue;
    // A file system without user attributes can't hold what only programs that find them use;
    // without security.capability the program would not work.
    if (errno == ENOTSUP && name.starts_with("user.")) continue;
    return ErrnoError("set {}", name);
  }
  return {};
}

// utimensat(2)'s pair: the time of access becomes that of modification too.
std::array<timespec, 2> Times(const timespec& mtime) { return {mtime, mtime}; }

}  // namespace

Result<LayerPath> LayerPath::Parse(std::string_view name) {
  if (name.size() >= PATH_MAX) return MakeError("the name is longer than {} bytes", PATH_MAX - 1);
  LayerPath path;
  while (!name.empty()) {
    const size_t slash = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, slash);
    name.remove_prefix(std::min(slash + 1, name.size()));
    if (part == "..") return MakeError("the name leads out of the layer");
    if (part.empty() || part == ".") continue;
    if (part.size() > NAME_MAX) return MakeError("a name is longer than {} bytes", NAME_MAX);
    if (!path.directory_.empty()) path.directory_ += '/';
    path.directory_ += std::exchange(path.base_, std::string(part));
  }
  return path;
}

Result<int> LayerTree::Parent(const LayerPath& path) { return Directory(path.directory()); }

// The directory, made with all above it if it is not there.
Result<int> LayerTree::Directory(const std::string& path) {
  if (path.empty()) return root_;
  if (const auto known = open_.find(path); known != open_.end()) return known->second.get();
  auto opened = OpenDirectory(path);
  if (!opened && (opened.error().Is(ENOENT) || opened.error().Is(ENOTDIR))) {
    const size_t slash = path.rfind('/');
    const int parent = TRY(Directory(slash == std::string::npos ? "" : path.substr(0, slash)));
    TRY(AddDirectory(parent, path.substr(slash == std::string::npos ? 0 : slash + 1)));
    opened = OpenDirectory(path);
  }
  UniqueFd fd = TRY(std::move(opened));
  if (open_.size() >= kOpenDirectories) open_.clear();
  return open_.emplace(path, std::move(fd)).first->second.get();
}

Result<UniqueFd> LayerTree::OpenDirectory(const std::string& path) {
  auto opened = sys::OpenAt2(root_, path, O_RDONLY | O_DIRECTORY, kResolve);
  if (!opened && opened.error().Is(EXDEV)) {
    return MakeError("{} leads out of the layer through a symbolic link", QuoteJson(path));
  }
  if (!opened && opened.error().Is(ELOOP)) {
    return MakeError("{} is a loop of symbolic links", QuoteJson(path));
  }
  return opened;
}

// In place of a whiteout the new directory must go on hiding what is below it.
Result<void> LayerTree::AddDirectory(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0755) == 0) {
    if (::fchmodat(parent, name.c_str(), 0755, 0) < 0)
      return ErrnoError("chmod");  // past the umask
    return {};
  }
  if (errno != EEXIST) return ErrnoError("mkdir {}", QuoteJson(name));
  if (!IsWhiteout(parent, name)) return MakeError("{} is not a directory", QuoteJson(name));
  if (::unlinkat(parent, name.c_str(), 0) < 0) return ErrnoError("unlink {}", QuoteJson(name));
  TRY(sys::MkdirAt(parent, name, 0755));
  const UniqueFd made = TRY(sys::OpenAt(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (::fchmod(made.get(), 0755) < 0) return ErrnoError("chmod");
  return SetOpaque(made.get());
}

// Makes room for something that is no directory, and returns the parent anew. A later entry of the
// same name wins.
Result<int> LayerTree::Replace(int parent, const LayerPath& path) {
  if (::unlinkat(parent, path.base().c_str(), 0) == 0) {
    open_.clear();  // it may have been a link that the paths of open directories go through
    return Parent(path);
  }
  if (errno == EISDIR) return MakeError("it would replace a directory of the same layer");
  return ErrnoError("replace");
}

Result<void> LayerTree::MakeDirectory(const LayerPath& path, const Attributes& attributes) {
  UniqueFd fd;
  if (path.IsRoot()) {
    fd = TRY(sys::Dup(root_));
  } else {
    int parent = TRY(Parent(path));
    if (::mkdirat(parent, path.base().c_str(), 0700) < 0) {
      if (errno != EEXIST) return ErrnoError("mkdir");
      if (IsWhiteout(parent, path.base())) {
        TRY(AddDirectory(parent, path.base()));
      } else if (!IsDirectory(parent, path.base())) {
        parent = TRY(Replace(parent, path));
        TRY(sys::MkdirAt(parent, path.base(), 0700));
      }
    }
    fd = TRY(sys::OpenAt(parent, path.base(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  }
  TRY(SetOnDescriptor(fd.get(), attributes));
  times_.emplace_back(path.Full(), attributes.mtime);
  return {};
}

Result<UniqueFd> LayerTree::MakeFile(const LayerPath& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  int parent = TRY(Parent(path));
  auto made = sys::OpenAt(parent, path.base(), kFlags, 0600);
  if (!made && made.error().Is(EEXIST)) {
    parent = TRY(Replace(parent, path));
    made = sys::OpenAt(parent, path.base(), kFlags, 0600);
  }
  return made;
}

Result<void> LayerTree::FinishFile(int file, const Attributes& attributes) {
  TRY(SetOnDescriptor(file, attributes));
  if (::futimens(file, Times(attributes.mtime).data()) < 0) return ErrnoError("set times");
  return {};
}

Result<void> LayerTree::SetOnPath(int parent, const LayerPath& path, const Attributes& attributes) {
  const char* name = path.base().c_str();
  if (::fchownat(parent, name, attributes.uid, attributes.gid, AT_SYMLINK_NOFOLLOW) < 0) {
    return ErrnoError("chown");
  }
  if (::utimensat(parent, name, Times(attributes.mtime).data(), AT_SYMLINK_NOFOLLOW) < 0) {
    return ErrnoError("set times");
  }
  return {};
}

Result<void> LayerTree::MakeSymlink(const LayerPath& path, const std::string& target,
                                    const Attributes& attributes) {
  int parent = TRY(Parent(path));
  int made = ::symlinkat(target.c_str(), parent, path.base().c_str());
  if (made < 0 && errno == EEXIST) {
    parent = TRY(Replace(parent, path));
    made = ::symlinkat(target.c_str(), parent, path.base().c_str());
  }
  if (made < 0) return ErrnoError("symlink");
  return SetOnPath(parent, path, attributes);
}

Result<void> LayerTree::MakeHardLink(const LayerPath& path, const LayerPath& target) {
  if (path.Full() == target.Full()) return MakeError("a hard link to itself");
  // A descriptor of its own: making the parent of `path` may close all that are kept.
  auto from = target.directory().empty() ? sys::Dup(root_) : OpenDirectory(target.directory());
  if (!from && from.error().Is(ENOENT)) {
    return MakeError("its target {} is not in this layer", QuoteJson(target.Full()));
  }
  const UniqueFd from_fd = TRY(std::move(from));
  int parent = TRY(Parent(path));
  const auto link = [&] {  // without AT_SYMLINK_FOLLOW: of a link to a link comes the same link
    return ::linkat(from_fd.get(), target.base().c_str(), parent, path.base().c_str(), 0);
  };
  int made = link();
  if (made < 0 && errno == EEXIST) {
    parent = TRY(Replace(parent, path));
    made = link();
  }
  if (made == 0) return {};
  if (errno == ENOENT) {
    return MakeError("its target {} is not in this layer", QuoteJson(target.Full()));
  }
  return ErrnoError("hard link to {}", QuoteJson(target.Full()));
}

Result<void> LayerTree::MakeNode(const LayerPath& path, mode_t type, dev_t device,
                                 const Attributes& attributes) {
  int parent = TRY(Parent(path));
  const char* name = path.base().c_str();
  int made = ::mknodat(parent, name, type | 0600, device);
  if (made < 0 && errno == EEXIST) {
    parent = TRY(Replace(parent, path));
    made = ::mknodat(parent, name, type | 0600, device);
  }
  if (made < 0) return ErrnoError("mknod");
  TRY(SetOnPath(parent, path, attributes));
  // No link can stand there: it was made by the line above, in a directory that only we write to.
  if (::fchmodat(parent, name, attributes.mode & kPermissions, 0) < 0) return ErrnoError("chmod");
  return {};
}

Result<void> LayerTree::MakeWhiteout(const LayerPath& path) {
  int parent = TRY(Parent(path));
  if (::mknodat(parent, path.base().c_str(), S_IFCHR, makedev(0, 0)) == 0) return {};
  if (errno != EEXIST) return ErrnoError("mknod");
  // A whiteout is about the layers below. What this layer brings itself stays; a file hides what is
  // below it anyway, a directory must be told to.
  if (!IsDirectory(parent, path.base())) return {};
  return SetOpaque(
      TRY(sys::OpenAt(parent, path.base(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)).get());
}

Result<void> LayerTree::MakeOpaque(const LayerPath& directory) {
  return SetOpaque(TRY(Directory(directory.Full())));
}

Result<void> LayerTree::FinishDirectories() {
  for (const auto& [path, mtime] : times_) {
    const UniqueFd fd = path.empty() ? TRY(sys::Dup(root_)) : TRY(OpenDirectory(path));
    if (::futimens(fd.get(), Times(mtime).data()) < 0) {
      return ErrnoError("set times of {}", QuoteJson(path));
    }
  }
  times_.clear();
  return {};
}

}  // namespace berth::agent::images
