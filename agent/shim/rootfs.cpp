#include "agent/shim/rootfs.h"

#include <sched.h>
#include <sys/mount.h>

#include "base/sys.h"

namespace berth::agent::shim {
namespace {

// fsconfig(2) takes strings of up to 255 bytes; a longer path goes by its descriptor.
constexpr size_t kLongestOption = 255;

class OverlayOptions {
 public:
  explicit OverlayOptions(int fs) : fs_(fs) {}

  Result<void> Set(const char* key, const std::string& path) {
    if (path.size() <= kLongestOption) return sys::FsConfigString(fs_, key, path);
    held_.push_back(TRY(sys::Open(path, O_PATH | O_DIRECTORY)));
    return sys::FsConfigString(fs_, key, fmt::format("/proc/self/fd/{}", held_.back().get()));
  }

 private:
  int fs_;
  std::vector<UniqueFd> held_;
};

Result<UniqueFd> MountByDescriptor(const ContainerPlan& container) {
  const UniqueFd fs = TRY(sys::FsOpen("overlay"));
  OverlayOptions options(fs.get());
  for (auto layer = container.layers.rbegin(); layer != container.layers.rend(); ++layer) {
    TRY(options.Set("lowerdir+", *layer));
  }
  TRY(options.Set("upperdir", container.upper));
  TRY(options.Set("workdir", container.work));
  TRY(sys::FsConfigCreate(fs.get()));
  return sys::FsMount(fs.get(), 0);
}

// "lowerdir+" came with Linux 6.7. Before it: mount(2), in a mount namespace of our own so that the
// host never sees it, and the mount taken out of there as a detached copy.
Result<UniqueFd> MountByPath(const ContainerPlan& container) {
  TRY(sys::Unshare(CLONE_NEWNS));
  TRY(sys::Mount("", "/", nullptr, MS_REC | MS_SLAVE, ""));
  std::string lower;
  for (auto layer = container.layers.rbegin(); layer != container.layers.rend(); ++layer) {
    lower += (lower.empty() ? "" : ":") + *layer;
  }
  const std::string target = container.bundle + "/rootfs";
  TRY(sys::MakeDirectories(target, 0755));
  TRY(sys::Mount(
      "overlay", target, "overlay", 0,
      fmt::format("lowerdir={},upperdir={},workdir={}", lower, container.upper, container.work)));
  return sys::OpenTree(AT_FDCWD, target, OPEN_TREE_CLONE);
}

}  // namespace

Result<UniqueFd> MountRoot(const ContainerPlan& container) {
  auto root = MountByDescriptor(container);
  if (!root && root.error().Is(EINVAL)) root = MountByPath(container);
  return std::move(root).Context("mount the root file system");
}

}  // namespace berth::agent::shim
