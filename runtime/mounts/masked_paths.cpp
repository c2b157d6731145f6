#include "runtime/mounts/masked_paths.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <optional>

#include "base/sys.h"
#include "runtime/mounts/in_root.h"

namespace berth::runtime {
namespace {

constexpr unsigned kCopy = OPEN_TREE_CLONE | AT_EMPTY_PATH;

Result<std::optional<UniqueFd>> OpenIfThere(int root, const std::string& path) {
  auto fd = OpenInRoot(root, NormalPath(path), O_PATH);
  if (fd) return std::optional(std::move(*fd));
  if (fd.error().Is(ENOENT) || fd.error().Is(ENOTDIR)) return std::optional<UniqueFd>();
  return fd.error();
}

Result<UniqueFd> EmptyDirectory() {
  const UniqueFd fs = TRY(sys::FsOpen("tmpfs"));
  TRY(sys::FsConfigString(fs.get(), "mode", "755"));
  TRY(sys::FsConfigCreate(fs.get()));
  return sys::FsMount(fs.get(),
                      MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

// Read-only although it is a device: its owner in the container could change the mode of the
// host's.
Result<UniqueFd> NullDevice() {
  const UniqueFd null = TRY(sys::Open("/dev/null", O_PATH | O_NOFOLLOW));
  TRY(CheckNullDevice(null.get()));
  UniqueFd copy = TRY(sys::OpenTree(null.get(), "", kCopy));
  TRY(sys::MountSetAttr(copy.get(), false, MOUNT_ATTR_RDONLY, 0, MS_PRIVATE));
  return copy;
}

// One kind of cover. The first is made, the others are copies of it, attributes and all.
class Cover {
 public:
  explicit Cover(Result<UniqueFd> (*make)()) : make_(make) {}

  Result<void> PutOver(int target) {
    UniqueFd cover = first_ ? TRY(sys::OpenTree(first_.get(), "", kCopy)) : TRY(make_());
    TRY(sys::MoveMount(cover.get(), target));
    if (!first_) first_ = std::move(cover);
    return {};
  }

 private:
  Result<UniqueFd> (*make_)();
  UniqueFd first_;
};

Result<void> MakeReadOnly(int target) {
  UniqueFd copy = TRY(sys::OpenTree(target, "", kCopy | AT_RECURSIVE));
  TRY(sys::MountSetAttr(copy.get(), true, MOUNT_ATTR_RDONLY, 0));
  return sys::MoveMount(copy.get(), target);
}

}  // namespace

Result<void> MaskPaths(int root, const std::vector<std::string>& paths) {
  Cover directory(EmptyDirectory);
  Cover file(NullDevice);
  for (const std::string& path : paths) {
    const auto target = TRY(OpenIfThere(root, path));
    if (!target) continue;
    struct stat info;
    if (::fstat(target->get(), &info) < 0) return ErrnoError("stat {}", path);
    Cover& cover = S_ISDIR(info.st_mode) ? directory : file;
    TRY(cover.PutOver(target->get()).Context("{}", path));
  }
  return {};
}

Result<void> MakePathsReadOnly(int root, const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const auto target = TRY(OpenIfThere(root, path));
    if (target) TRY(MakeReadOnly(target->get()).Context("{}", path));
  }
  return {};
}

}  // namespace berth::runtime
