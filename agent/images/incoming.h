// IncomingImage: an image on its way into a store.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/images/byte_source.h"
#include "agent/images/compression.h"
#include "agent/images/digest.h"
#include "agent/images/image.h"
#include "agent/images/progress.h"
#include "agent/images/reference.h"
#include "agent/images/store.h"
#include "agent/images/unpack.h"
#include "base/result.h"

namespace berth::agent::images {

/// A layer to bring in, and all that is known of it beforehand.
struct IncomingLayer {
  std::string id;                                             // for progress and errors
  std::optional<Digest> blob;                                 // of the bytes that `open` gives
  std::optional<Digest> diff_id;                              // of what they uncompress to
  std::optional<uint64_t> size;                               // how many they are
  std::optional<Compression> compression;                     // as the media type says
  std::function<Result<std::unique_ptr<ByteSource>>()> open;  // called in a worker thread
};

/// How layers are brought in.
struct LayerWork {
  int parallel = 3;
  UnpackOptions unpack;
  ProgressSink* progress = nullptr;
};

/// What a pull or an import writes through. Holds the store, so that what it has brought in is not
/// collected before it has a name; what it brought in is taken away again if `Publish` never comes.
class IncomingImage {
 public:
  static Result<IncomingImage> Begin(const Store& store);
  IncomingImage(IncomingImage&&) noexcept;
  IncomingImage& operator=(IncomingImage&&) = delete;
  ~IncomingImage();

  /// Unpacks those that are not there yet, up to `work.parallel` at a time, and returns the diff
  /// ids of all. What is known of a layer must be true of it. The first failure stops the others.
  Result<std::vector<Digest>> AddLayers(std::span<const IncomingLayer> layers,
                                        const LayerWork& work);
  /// Keeps a manifest, an index or a config.
  Result<Digest> AddBlob(std::string_view content);
  /// Gives it a name, in place of what had it. `digest` is what the name stands for, `manifest`
  /// what leads to the config.
  Result<Image> Publish(const Reference& name, const Digest& digest, const Digest& manifest,
                        const Digest& config);

 private:
  IncomingImage(const Store& store, UniqueFd hold) : store_(store), hold_(std::move(hold)) {}

  Store store_;
  UniqueFd hold_;
  bool published_ = false;
  std::vector<Digest> added_layers_;
  std::vector<Digest> added_blobs_;
};

}  // namespace berth::agent::images
