#include "agent/images/layer_pipeline.h"

#include <chrono>

#include "agent/images/sources.h"
#include "base/steps.h"

namespace berth::agent::images {
namespace {

using State = LayerProgress::State;
using Report = std::function<void(const LayerProgress&)>;
using Clock = std::chrono::steady_clock;

constexpr auto kReportEvery = std::chrono::milliseconds(50);

// The compressed bytes on their way: counted against the size that they should have, told to the
// sink, and cut off when another layer failed.
class WatchedSource : public ByteSource {
 public:
  WatchedSource(ByteSource& below, const IncomingLayer& layer, const Report& report,
                const std::atomic<bool>& stop)
      : below_(below), expected_(layer.size), report_(report), stop_(stop) {
    progress_.id = layer.id;
    progress_.bytes_total = layer.size.value_or(0);
    Tell(State::kDownloading);
  }

  Result<size_t> Read(std::span<char> buffer) override {
    if (stop_) return Fail(MakeError("stopped"));
    auto read = below_.Read(buffer);
    if (!read) return Fail(std::move(read).error());
    progress_.bytes_done += *read;
    if (expected_ && progress_.bytes_done > *expected_) {
      return Fail(MakeError("is larger than the {} bytes that its manifest says", *expected_));
    }
    if (*read == 0) {
      if (expected_ && progress_.bytes_done < *expected_) {
        return Fail(MakeError("ends after {} of {} bytes", progress_.bytes_done, *expected_));
      }
      if (progress_.state == State::kDownloading) Tell(State::kUnpacking);
    } else if (Clock::now() - told_ >= kReportEvery) {
      Tell(progress_.state);
    }
    return read;
  }

  /// True if it was this source that failed, and not somebody who read from it.
  bool failed() const { return failed_; }

  void Tell(State state) {
    progress_.state = state;
    told_ = Clock::now();
    report_(progress_);
  }

 private:
  Error Fail(Error error) {
    failed_ = true;
    return error;
  }

  ByteSource& below_;
  std::optional<uint64_t> expected_;
  const Report& report_;
  const std::atomic<bool>& stop_;
  LayerProgress progress_;
  Clock::time_point told_;
  bool failed_ = false;
};

struct Unpacked {
  Digest diff_id;
  UnpackedLayer layer;
};

Result<Unpacked> Unpack(ByteSource& compressed, const IncomingLayer& layer, int root,
                        const UnpackOptions& options) {
  const auto plain = TRY(Decompress(compressed, layer.compression));
  HashingSource hashed(*plain);
  const UnpackedLayer unpacked = TRY(UnpackLayer(hashed, root, options));
  return Unpacked{.diff_id = hashed.Finish(), .layer = unpacked};
}

Result<void> CheckBlob(HashingSource& compressed, const IncomingLayer& layer) {
  if (!layer.blob) return {};
  const Digest found = compressed.Finish();
  if (found == *layer.blob) return {};
  return MakeError("has the wrong content: its digest is {}", found.ToString());
}

// Unpacks and checks. If the unpacking fails the reason may be that the bytes are not those that
// were asked for; that is then the better message.
Result<Unpacked> UnpackChecked(WatchedSource& watched, const IncomingLayer& layer, int root,
                               const UnpackOptions& options) {
  HashingSource compressed(watched);
  auto unpacked = Unpack(compressed, layer, root, options);
  if (!unpacked && !watched.failed() && layer.blob && layer.size) {
    TRY(Drain(compressed));
    TRY(CheckBlob(compressed, layer));
  }
  Unpacked result = TRY(std::move(unpacked));
  TRY(CheckBlob(compressed, layer));
  if (layer.diff_id && result.diff_id != *layer.diff_id) {
    return MakeError("has the wrong content: unpacked its digest is {}, in the image's config {}",
                     result.diff_id.ToString(), layer.diff_id->ToString());
  }
  return result;
}

}  // namespace

Result<PipelineResult> BringIn(const IncomingLayer& layer, LayerStore store,
                               const UnpackOptions& options, const Report& report,
                               const std::atomic<bool>& stop) {
  std::optional<PartialLayer> partial;
  if (layer.diff_id) {
    auto claimed = TRY(store.Claim(*layer.diff_id, stop));
    if (claimed) partial.emplace(std::move(*claimed));
  } else {
    partial.emplace(TRY(store.ClaimUnnamed()));
  }
  if (!partial) {
    report({.id = layer.id,
            .state = State::kExists,
            .bytes_done = layer.size.value_or(0),
            .bytes_total = layer.size.value_or(0)});
    return PipelineResult{.diff_id = *layer.diff_id, .existed = true};
  }
  TRY(FaultPoint("layer", "claim"));
  const auto source = TRY(layer.open());
  WatchedSource watched(*source, layer, report, stop);
  const Unpacked unpacked = TRY(UnpackChecked(watched, layer, partial->root(), options));
  TRY(FaultPoint("layer", "unpack"));
  const bool existed = store.Has(unpacked.diff_id);
  TRY(partial->Commit(unpacked.diff_id, unpacked.layer.bytes));
  watched.Tell(State::kDone);
  return PipelineResult{.diff_id = unpacked.diff_id, .existed = existed};
}

}  // namespace berth::agent::images
