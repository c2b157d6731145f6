#include "runtime/mounts/root.h"

#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sys.h"

namespace berth::runtime {
namespace {

// What the new root starts with: pivot_root(2) wants it unshared, SealRoot does the rest.
uint64_t FirstPropagation(const std::string& wanted) {
  return wanted == "slave" || wanted == "rslave" ? MS_SLAVE : MS_PRIVATE;
}

Result<UniqueFd> CopyTree(const Spec& spec, const std::string& bundle, int root_fd) {
  constexpr unsigned kTree = OPEN_TREE_CLONE | AT_RECURSIVE;
  if (root_fd < 0) return sys::OpenTree(AT_FDCWD, InBundle(bundle, spec.root.path), kTree);
  auto copy = sys::OpenTree(root_fd, "", kTree | AT_EMPTY_PATH);
  // Before Linux 6.15 a mount that is in no namespace can't be copied; it can be used as it is.
  if (!copy && copy.error().Is(EINVAL)) return sys::Dup(root_fd);
  return copy;
}

}  // namespace

std::string InBundle(const std::string& bundle, const std::string& path) {
  return path.starts_with('/') || bundle.empty() ? path : bundle + "/" + path;
}

Result<UniqueFd> OpenRoot(const Spec& spec, const std::string& bundle, int root_fd) {
  UniqueFd root = TRY(CopyTree(spec, bundle, root_fd));
  TRY(sys::MountSetAttr(root.get(), true, 0, 0, FirstPropagation(spec.linux_.rootfsPropagation)));
  return root;
}

Result<void> AttachRoot(int root) {
  // Our copies of the host's mounts still follow what the host unmounts, but tell it nothing.
  TRY(sys::Mount("", "/", nullptr, MS_REC | MS_SLAVE, ""));
  // On top of "/", the one directory that is sure to exist: what resolves "/" still gets the old
  // one.
  return sys::MoveMount(root, "/");
}

Result<void> SwitchRoot(int root, RootSwitch how) {
  if (::fchdir(root) < 0) return ErrnoError("fchdir");
  if (how == RootSwitch::kChroot) {
    if (::chroot(".") < 0) return ErrnoError("chroot");
    return {};
  }
  // With the same directory as both arguments the old root ends up on top of the new one.
  if (::syscall(SYS_pivot_root, ".", ".") < 0) return ErrnoError("pivot_root");
  if (::umount2(".", MNT_DETACH) < 0) return ErrnoError("detach the old root");
  if (::chdir("/") < 0) return ErrnoError("chdir /");
  return {};
}

Result<void> SealRoot(int root, const Spec& spec) {
  const std::string& wanted = spec.linux_.rootfsPropagation;
  uint64_t propagation = 0;
  if (wanted == "shared" || wanted == "rshared") propagation = MS_SHARED;
  if (wanted == "unbindable" || wanted == "runbindable") propagation = MS_UNBINDABLE;
  const uint64_t attributes = spec.root.readonly ? MOUNT_ATTR_RDONLY : 0;
  if (propagation == 0 && attributes == 0) return {};
  return sys::MountSetAttr(root, false, attributes, 0, propagation);
}

}  // namespace berth::runtime
