#include "agent/cli/layer_bars.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace berth::agent::cli {
namespace {

using State = images::LayerProgress::State;

constexpr int kWidestBar = 40;
constexpr int kNarrowestBar = 10;
constexpr std::chrono::milliseconds kMeasure{250};  // the time that a rate is taken over
constexpr double kWeight = 0.4;                     // of the latest one in the smoothed rate

bool AtWork(State state) { return state == State::kDownloading || state == State::kUnpacking; }

Paint PaintOf(State state) {
  switch (state) {
    case State::kWaiting:
      return Paint::kDim;
    case State::kDownloading:
      return Paint::kCyan;
    case State::kUnpacking:
      return Paint::kYellow;
    case State::kDone:
    case State::kExists:
      return Paint::kGreen;
  }
  return Paint::kDim;
}

// "[=====>    ]", `width` columns wide.
std::string DrawBar(double fraction, int width) {
  const int room = width - 2;
  const int filled = static_cast<int>(std::clamp(fraction, 0.0, 1.0) * room);
  std::string bar(static_cast<size_t>(filled), '=');
  if (filled < room && filled > 0) bar.back() = '>';
  bar.resize(static_cast<size_t>(room), ' ');
  return "[" + bar + "]";
}

}  // namespace

std::string ShortLayer(std::string_view id) {
  if (id.starts_with("sha256:")) return std::string(id.substr(7, 12));
  const std::string_view path = id.substr(0, id.find_last_not_of('/') + 1);
  return OneLine(path.substr(path.rfind('/') + 1));
}

std::string_view Name(State state) {
  switch (state) {
    case State::kWaiting:
      return "waiting";
    case State::kDownloading:
      return "downloading";
    case State::kUnpacking:
      return "unpacking";
    case State::kDone:
      return "done";
    case State::kExists:
      return "exists";
  }
  return "";
}

LayerBars::Change LayerBars::Update(const images::LayerProgress& layer, TimePoint now) {
  const auto known = std::find_if(bars_.begin(), bars_.end(),
                                  [&](const Bar& bar) { return bar.layer.id == layer.id; });
  if (known == bars_.end()) {
    bars_.push_back({.layer = layer, .measured = now, .bytes_then = layer.bytes_done});
    return Change::kState;
  }
  const bool same_state = known->layer.state == layer.state;
  known->layer = layer;
  if (!same_state || layer.bytes_done < known->bytes_then) {  // fewer: it was begun again
    known->measured = now;
    known->bytes_then = layer.bytes_done;
    known->rate = 0;
  } else if (now - known->measured >= kMeasure) {
    const std::chrono::duration<double> passed = now - known->measured;
    const double rate = static_cast<double>(layer.bytes_done - known->bytes_then) / passed.count();
    known->rate = known->rate == 0 ? rate : kWeight * rate + (1 - kWeight) * known->rate;
    known->measured = now;
    known->bytes_then = layer.bytes_done;
  }
  return same_state ? Change::kBytes : Change::kState;
}

std::string LayerBars::Line(const Bar& bar, int columns, Colours colours) {
  const images::LayerProgress& layer = bar.layer;
  const std::string label =
      fmt::format("  {}  {}", Pad(Fit(ShortLayer(layer.id), 12), 12),
                  Painted(Pad(std::string(Name(layer.state)), 11), PaintOf(layer.state), colours));
  if (!AtWork(layer.state)) {
    if (layer.bytes_total == 0) return Fit(label, columns);
    return Fit(fmt::format("{}  {}", label, HumanSize(layer.bytes_total)), columns);
  }
  std::string numbers = HumanSize(layer.bytes_done);
  if (layer.bytes_total > 0) numbers += " / " + HumanSize(layer.bytes_total);
  numbers = Pad(std::move(numbers), 21);
  if (bar.rate > 0) numbers += fmt::format("  {}/s", HumanSize(static_cast<uint64_t>(bar.rate)));
  // Room is kept for the widest numbers, or the bars would change their length with each frame.
  const int room = std::min(columns - Width(label) - 2 - 2 - 35, kWidestBar);
  if (layer.bytes_total == 0 || room < kNarrowestBar) return Fit(label + "  " + numbers, columns);
  const double fraction =
      static_cast<double>(layer.bytes_done) / static_cast<double>(layer.bytes_total);
  return Fit(fmt::format("{}  {}  {}", label, DrawBar(fraction, room), numbers), columns);
}

std::vector<std::string> LayerBars::Lines(size_t most, int columns, Colours colours) const {
  std::vector<std::string> lines;
  if (most == 0) return lines;
  if (bars_.size() <= most) {
    for (const Bar& bar : bars_) lines.push_back(Line(bar, columns, colours));
    return lines;
  }
  for (const Bar& bar : bars_) {
    if (lines.size() + 1 == most) break;
    if (AtWork(bar.layer.state)) lines.push_back(Line(bar, columns, colours));
  }
  const auto done = std::count_if(bars_.begin(), bars_.end(), [](const Bar& bar) {
    return bar.layer.state == State::kDone || bar.layer.state == State::kExists;
  });
  lines.push_back(Fit(fmt::format("  {} of {} layers done", done, bars_.size()), columns));
  return lines;
}

}  // namespace berth::agent::cli
