// LayerStore: the unpacked layers of a store.
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "agent/images/digest.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::images {

/// A layer under construction: a directory that nobody else touches, because its owner holds a
/// flock(2) on it. The kernel drops the lock when the owner dies, so that it tells a directory that
/// is being filled from one that was left behind, across processes and pid namespaces. Removed at
/// the end of its scope unless `Commit` came before.
class PartialLayer {
 public:
  PartialLayer(PartialLayer&& other) noexcept;
  PartialLayer& operator=(PartialLayer&&) = delete;
  ~PartialLayer();

  /// The empty directory to unpack into.
  int root() const { return root_.get(); }
  /// Writes it all to the disk and gives it its name, atomically. If a layer of that name has come
  /// up meanwhile that one stays. `bytes` is the size of its files.
  Result<void> Commit(const Digest& diff_id, uint64_t bytes);

 private:
  friend class LayerStore;
  PartialLayer(std::string layers, std::string path, UniqueFd lock)
      : layers_(std::move(layers)), path_(std::move(path)), lock_(std::move(lock)) {}

  std::string layers_;
  std::string path_;
  UniqueFd lock_;
  UniqueFd root_;
};

/// The directory `layers/` of a store (see Store for what is in it). Only a path: cheap to copy,
/// safe in threads.
class LayerStore {
 public:
  explicit LayerStore(std::string dir) : dir_(std::move(dir)) {}

  bool Has(const Digest& diff_id) const;
  /// The overlayfs lower directory of a layer.
  std::string Path(const Digest& diff_id) const;
  /// Bytes in the files of a layer that is there.
  Result<uint64_t> Size(const Digest& diff_id) const;
  /// The diff ids (hex) of all layers that are there.
  Result<std::vector<std::string>> List() const;

  /// The right to make this layer; nothing if it is there. Waits while somebody else is making it,
  /// until `stop` is set.
  Result<std::optional<PartialLayer>> Claim(const Digest& diff_id, const std::atomic<bool>& stop);
  /// The same for a layer whose diff id will be known at its end.
  Result<PartialLayer> ClaimUnnamed();
  /// Removes what dead processes left.
  Result<void> Sweep();
  Result<void> Remove(const std::string& hex);

 private:
  Result<std::optional<PartialLayer>> TryClaim(const std::string& name);

  std::string dir_;
};

}  // namespace berth::agent::images
