// One layer's way from its source into the store.
#pragma once

#include <atomic>

#include "agent/images/incoming.h"
#include "agent/images/layer_store.h"

namespace berth::agent::images {

struct PipelineResult {
  Digest diff_id;
  bool existed = false;
};

/// Unpacks the layer while it streams, checks all that is known of it, and commits it. After a
/// failure nothing of it is left. `report` is called as ProgressSink says; `stop` ends it early.
Result<PipelineResult> BringIn(const IncomingLayer& layer, LayerStore store,
                               const UnpackOptions& unpack,
                               const std::function<void(const LayerProgress&)>& report,
                               const std::atomic<bool>& stop);

}  // namespace berth::agent::images
