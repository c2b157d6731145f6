// Store: the images of one host, on disk.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/images/image.h"
#include "agent/images/layer_store.h"
#include "agent/images/reference.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent::images {

/// A directory of images, content addressed:
///
///   names/<name, "/" as "%">   which config and manifest a name stands for (JSON)
///   blobs/sha256/<hex>         manifests, indexes, configs
///   layers/<diff-id>/fs/       unpacked layers, ready as overlayfs lower directories
///   layers/<diff-id>/size      bytes in the layer's files
///   layers/.partial-<what>/    being unpacked; its owner holds a flock(2) on it
///   new/                       files on their way to names/ and blobs/
///   lock                       held shared while images are made, exclusively to collect
///
/// Any number of processes and threads may use one directory. A layer gets its final name when it
/// is complete and on the disk (syncfs(2), once a layer), a name is written when all of its layers
/// are there: SIGKILL or a power cut leaves at most directories without an owner, which the next
/// `Open` removes.
class Store {
 public:
  /// Makes `dir` (mode 0700) if it is not there, and sweeps what dead processes left in it.
  static Result<Store> Open(std::string dir);

  const std::string& dir() const { return dir_; }

  /// The image of that name. The error says how to get one that is not here.
  Result<Image> Find(std::string_view name) const;
  /// All images, by name.
  Result<std::vector<Image>> List() const;
  /// Takes a name away, and with it the content that no other name needs. The layer directories in
  /// `in_use` (as `Image::layers` has them: those of running tasks) stay until a later `Collect`.
  Result<void> Remove(std::string_view name, std::span<const std::string> in_use);
  /// Removes all content that no name needs, except the layer directories in `in_use`. While any
  /// `Hold` is open it does nothing: the next one will.
  Result<void> Collect(std::span<const std::string> in_use);
  /// While the descriptor is open nothing is collected. Held by a launch from `Find` until its
  /// layers are mounted and on the list of those in use.
  Result<UniqueFd> Hold() const;

 private:
  friend class IncomingImage;  // what pulls and imports write through

  struct Record;
  struct Content;

  explicit Store(std::string dir) : dir_(std::move(dir)) {}

  std::string NamePath(const Reference& name) const;
  std::string BlobPath(const Digest& digest) const;
  LayerStore Layers() const { return LayerStore(dir_ + "/layers"); }
  Result<std::optional<UniqueFd>> HoldAlone() const;
  Result<Record> ReadRecord(const std::string& path) const;
  Result<std::string> ReadBlob(const Digest& digest) const;
  Result<Image> Load(const Record& record) const;
  Result<Content> Needed() const;
  Result<void> Place(std::string_view content, const std::string& path) const;

  std::string dir_;
};

}  // namespace berth::agent::images
