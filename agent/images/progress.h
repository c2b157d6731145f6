// Progress of a pull or an import, layer by layer.
#pragma once

#include <cstdint>
#include <string>

namespace berth::agent::images {

/// Where one layer stands.
struct LayerProgress {
  enum class State {
    kWaiting,      // for a free worker, or for another process that unpacks the same layer
    kDownloading,  // and unpacking meanwhile: the two are one stream
    kUnpacking,    // all bytes are here, the rest is being written and synced
    kDone,
    kExists,  // it was in the store already
  };

  std::string id;  // the digest of the layer's blob; of a plain root file system, its path
  State state = State::kWaiting;
  uint64_t bytes_done = 0;
  uint64_t bytes_total = 0;  // compressed; 0 if not known
};

/// Is told how a pull goes on. Called from the worker threads, one call at a time (the caller holds
/// a lock, so that implementations need none); at each change of state and at most every 50 ms a
/// layer in between. Must not block for long: the layer waits.
class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  virtual void Report(const LayerProgress& layer) = 0;
};

}  // namespace berth::agent::images
