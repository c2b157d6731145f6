// LayerBars: the layers of a pull, a progress bar each.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cli/styled_text.h"
#include "agent/images/progress.h"

namespace berth::agent::cli {

/// The first 12 digits of a layer's digest; the last part of a path.
std::string ShortLayer(std::string_view id);
/// "waiting", "downloading", "unpacking", "done", "exists".
std::string_view Name(images::LayerProgress::State state);

/// Keeps what was reported of each layer, and works out how fast its bytes come.
class LayerBars {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  enum class Change {
    kBytes,
    kState,  // or a layer that is new
  };
  Change Update(const images::LayerProgress& layer, TimePoint now);

  /// A line a layer, in the order of their first report, at most `most` lines of at most `columns`
  /// columns. Where there are more, those at work are shown, and a last line counts the rest.
  std::vector<std::string> Lines(size_t most, int columns, Colours colours) const;

 private:
  struct Bar {
    images::LayerProgress layer;
    TimePoint measured;  // when bytes_then were there
    uint64_t bytes_then = 0;
    double rate = 0;  // bytes a second, smoothed
  };
  static std::string Line(const Bar& bar, int columns, Colours colours);

  std::vector<Bar> bars_;
};

}  // namespace berth::agent::cli
