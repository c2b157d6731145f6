#include "agent/cli/output_lines.h"

#include <algorithm>

namespace berth::agent::cli {

void OutputLines::Add(const std::string& container) {
  numbers_.emplace(container, numbers_.size());
  name_width_ = std::max(name_width_, Width(container));
}

std::string OutputLines::Format(const std::string& container, const logs::LogEntry& entry) {
  Add(container);
  std::string text;
  // The rest of a line that came in parts goes where its start is, if nobody has written since.
  const bool continued = open_ == container;
  if (!continued) {
    text = Close();
    if (style_.timestamps == Timestamps::kOn) text += FormatTime(entry.time) + " ";
    if (style_.prefix == Prefix::kContainer) {
      text += Painted(Pad(container, name_width_) + " |", PaintOf(numbers_[container]),
                      style_.colours) +
              " ";
    }
  }
  text += entry.text;
  open_ = entry.text.ends_with('\n') ? "" : container;
  return text;
}

std::string OutputLines::Close() {
  if (open_.empty()) return "";
  open_.clear();
  return "\n";
}

}  // namespace berth::agent::cli
