#include "agent/images/incoming.h"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "agent/images/layer_pipeline.h"
#include "agent/images/store_record.h"
#include "base/files.h"
#include "base/steps.h"

namespace berth::agent::images {
namespace {

// The layers of one image and the threads that bring them in.
class Workers {
 public:
  Workers(std::span<const IncomingLayer> layers, const LayerStore& store, const LayerWork& work)
      : layers_(layers), store_(store), work_(work), results_(layers.size()) {}

  void Run() {
    for (const IncomingLayer& layer : layers_) {
      Report({.id = layer.id, .bytes_total = layer.size.value_or(0)});
    }
    const size_t wanted =
        std::min(layers_.size(), static_cast<size_t>(std::max(work_.parallel, 1)));
    std::vector<std::thread> threads;
    while (threads.size() < wanted) threads.emplace_back([this] { Work(); });
    for (std::thread& thread : threads) thread.join();
  }

  const std::vector<std::optional<PipelineResult>>& results() const { return results_; }
  std::optional<Error>& failure() { return failure_; }

 private:
  void Work() {
    for (size_t i = next_++; i < layers_.size() && !stop_; i = next_++) {
      auto done = BringIn(
                      layers_[i], store_, work_.unpack,
                      [this](const LayerProgress& progress) { Report(progress); }, stop_)
                      .Context("layer {}", layers_[i].id);
      const std::lock_guard lock(mutex_);
      if (done) {
        results_[i] = std::move(*done);
      } else if (!failure_) {
        failure_ = std::move(done).error();
        stop_ = true;
      }
    }
  }

  void Report(const LayerProgress& progress) {
    if (work_.progress == nullptr) return;
    const std::lock_guard lock(mutex_);
    work_.progress->Report(progress);
  }

  std::span<const IncomingLayer> layers_;
  LayerStore store_;
  const LayerWork& work_;
  std::atomic<size_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;  // of what follows, and of the sink
  std::vector<std::optional<PipelineResult>> results_;
  std::optional<Error> failure_;
};

}  // namespace

Result<IncomingImage> IncomingImage::Begin(const Store& store) {
  UniqueFd hold = TRY(store.Hold());
  return IncomingImage(store, std::move(hold));
}

IncomingImage::IncomingImage(IncomingImage&&) noexcept = default;

IncomingImage::~IncomingImage() {
  if (!hold_ || published_) return;
  hold_.Reset();
  // Others may have found what we brought in and be about to name it; then it is theirs. Failures
  // leave content that no name needs, which the next collection takes.
  const auto alone = store_.HoldAlone();
  if (!alone || !*alone) return;
  const auto needed = store_.Needed();
  if (!needed) return;
  for (const Digest& layer : added_layers_) {
    if (needed->layers.count(layer.hex()) > 0) continue;
    static_cast<void>(store_.Layers().Remove(layer.hex()));
  }
  for (const Digest& blob : added_blobs_) {
    if (needed->blobs.count(blob.hex()) == 0) ::unlink(store_.BlobPath(blob).c_str());
  }
}

Result<std::vector<Digest>> IncomingImage::AddLayers(std::span<const IncomingLayer> layers,
                                                     const LayerWork& work) {
  Workers workers(layers, store_.Layers(), work);
  workers.Run();
  std::vector<Digest> diff_ids;
  for (const auto& done : workers.results()) {
    if (done && !done->existed) added_layers_.push_back(done->diff_id);
    if (done) diff_ids.push_back(done->diff_id);
  }
  if (workers.failure()) return std::move(*workers.failure());
  return diff_ids;
}

Result<Digest> IncomingImage::AddBlob(std::string_view content) {
  Digest digest = Digest::Of(content);
  const std::string path = store_.BlobPath(digest);
  if (Exists(path)) return digest;
  TRY(store_.Place(content, path));
  added_blobs_.push_back(digest);
  return digest;
}

Result<Image> IncomingImage::Publish(const Reference& name, const Digest& digest,
                                     const Digest& manifest, const Digest& config) {
  const std::string text = TRY(store_.ReadBlob(config));
  uint64_t size = 0;
  const auto diff_ids = TRY(ParseConfigDocument(text)).diff_ids;
  for (const Digest& diff_id : std::set<Digest>(diff_ids.begin(), diff_ids.end())) {
    size += TRY(store_.Layers().Size(diff_id));
  }
  const Store::Record record = {.name = name.Canonical(),
                                .digest = digest,
                                .manifest = manifest,
                                .config = config,
                                .created = Now(),
                                .size = size};
  TRY(FaultPoint("image", "blobs"));
  TRY(store_.Place(record.Write(), store_.NamePath(name)));
  published_ = true;
  TRY(FaultPoint("image", "name"));
  return store_.Load(record);
}

}  // namespace berth::agent::images
