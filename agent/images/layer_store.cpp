#include "agent/images/layer_store.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/files.h"
#include "base/steps.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth::agent::images {
namespace {

constexpr std::string_view kPartial = ".partial-";
constexpr auto kPoll = std::chrono::milliseconds(50);

bool SameFile(int fd, const std::string& path) {
  struct stat ours;
  struct stat there;
  return ::fstat(fd, &ours) == 0 && ::lstat(path.c_str(), &there) == 0 &&
         ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

// The lock on the directory at `path`; nothing if somebody else has it, or if the directory became
// something else (a layer, or nothing) before the lock was ours.
Result<std::optional<UniqueFd>> LockDirectory(const std::string& path) {
  auto opened = sys::Open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!opened && opened.error().Is(ENOENT)) return std::optional<UniqueFd>();
  UniqueFd fd = TRY(std::move(opened));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) < 0) {
    if (errno == EWOULDBLOCK) return std::optional<UniqueFd>();
    return ErrnoError("lock {}", path);
  }
  if (!SameFile(fd.get(), path)) return std::optional<UniqueFd>();
  return std::optional(std::move(fd));
}

// Another process may be sweeping the same directory: what it took is no error.
Result<void> RemoveTogether(const std::string& path) {
  auto removed = sys::RemoveTree(path);
  if (!removed && removed.error().Is(ENOENT)) return {};
  return removed;
}

}  // namespace

PartialLayer::PartialLayer(PartialLayer&& other) noexcept
    : layers_(std::move(other.layers_)),
      path_(std::exchange(other.path_, "")),
      lock_(std::move(other.lock_)),
      root_(std::move(other.root_)) {}

PartialLayer::~PartialLayer() {
  // What can't be removed now the next sweep takes.
  if (!path_.empty()) static_cast<void>(sys::RemoveTree(path_));
}

Result<void> PartialLayer::Commit(const Digest& diff_id, uint64_t bytes) {
  const std::string name = fmt::format("{}/{}", layers_, diff_id.hex());
  TRY(ReplaceFile(path_ + "/size", fmt::format("{}\n", bytes)));
  // One syncfs(2) for the layer instead of an fsync(2) for each of its files: after a power cut a
  // layer that has its name must be whole, since nothing ever reads it against its digest again.
  if (::syncfs(root_.get()) < 0) return ErrnoError("sync");
  TRY(FaultPoint("layer", "sync"));
  if (::rename(path_.c_str(), name.c_str()) < 0) {
    if (errno == EEXIST || errno == ENOTEMPTY) return {};
    return ErrnoError("rename {} to {}", path_, name);
  }
  path_.clear();
  const UniqueFd layers = TRY(sys::Open(layers_, O_RDONLY | O_DIRECTORY));
  if (::fsync(layers.get()) < 0) return ErrnoError("sync {}", layers_);
  return FaultPoint("layer", "commit");
}

bool LayerStore::Has(const Digest& diff_id) const {
  return Exists(fmt::format("{}/{}", dir_, diff_id.hex()));
}

std::string LayerStore::Path(const Digest& diff_id) const {
  return fmt::format("{}/{}/fs", dir_, diff_id.hex());
}

Result<uint64_t> LayerStore::Size(const Digest& diff_id) const {
  const std::string path = fmt::format("{}/{}/size", dir_, diff_id.hex());
  const std::string text = TRY(ReadFile(path));
  const auto size = ParseInteger<uint64_t>(Trim(text));
  if (!size) return MakeError("{}: no number", path);
  return *size;
}

Result<std::vector<std::string>> LayerStore::List() const {
  std::vector<std::string> names = TRY(ListDirectory(dir_));
  std::erase_if(names, [](const std::string& name) { return name.starts_with(kPartial); });
  return names;
}

// A directory of that name, new or left behind by a dead process, that is ours now.
Result<std::optional<PartialLayer>> LayerStore::TryClaim(const std::string& name) {
  const std::string path = fmt::format("{}/{}{}", dir_, kPartial, name);
  if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) return ErrnoError("mkdir {}", path);
  auto lock = TRY(LockDirectory(path));
  if (!lock) return std::optional<PartialLayer>();
  PartialLayer layer(dir_, path, std::move(*lock));
  TRY(sys::RemoveTree(path + "/fs"));
  TRY(sys::MakeDirectories(path + "/fs", 0755));
  layer.root_ = TRY(sys::Open(path + "/fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (::fchmod(layer.root_.get(), 0755) < 0) return ErrnoError("chmod {}/fs", path);
  return std::optional(std::move(layer));
}

Result<std::optional<PartialLayer>> LayerStore::Claim(const Digest& diff_id,
                                                      const std::atomic<bool>& stop) {
  while (!stop) {
    if (Has(diff_id)) return std::optional<PartialLayer>();
    auto layer = TRY(TryClaim(diff_id.hex()));
    // Who held the lock may have finished between the look and the claim.
    if (layer && Has(diff_id)) return std::optional<PartialLayer>();
    if (layer) return layer;
    std::this_thread::sleep_for(kPoll);
  }
  return MakeError("stopped");
}

Result<PartialLayer> LayerStore::ClaimUnnamed() {
  for (;;) {
    auto layer = TRY(TryClaim(RandomHex(8)));
    if (layer) return std::move(*layer);
  }
}

Result<void> LayerStore::Sweep() {
  for (const std::string& name : TRY(ListDirectory(dir_))) {
    if (!name.starts_with(kPartial)) continue;
    const std::string path = fmt::format("{}/{}", dir_, name);
    const auto lock = TRY(LockDirectory(path));
    if (lock) TRY(RemoveTogether(path));
  }
  return {};
}

Result<void> LayerStore::Remove(const std::string& hex) {
  // Renamed first, so that a half-removed layer is never taken for a whole one. Not to the name
  // that a claim would take: somebody may be waiting to make this layer again.
  const std::string gone = fmt::format("{}/{}removed-{}", dir_, kPartial, RandomHex(8));
  TRY(sys::Rename(fmt::format("{}/{}", dir_, hex), gone));
  return RemoveTogether(gone);
}

}  // namespace berth::agent::images
