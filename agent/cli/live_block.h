// LiveBlock: lines at the bottom of a terminal that are redrawn in place.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cli/terminal.h"

namespace berth::agent::cli {

/// What is on the screen now: the width of each line, with the cursor below the last.
using Drawn = std::vector<int>;

/// What to write to get from what was drawn to `lines`, which fit the terminal. Lines that the
/// terminal has wrapped, because it has become narrower since, are found and removed as well.
std::string Redraw(const Drawn& before, const std::vector<std::string>& lines, TerminalSize size);

/// `lines` as the terminal can show them: cut at its right edge, and the first ones left out where
/// there are more than rows. The last column and row stay free, since text that touches them makes
/// some terminals scroll.
std::vector<std::string> Clip(std::vector<std::string> lines, TerminalSize size);

/// Every change of the screen is one write(2), so that no half-drawn frame is ever seen. Goes from
/// the screen with the object.
class LiveBlock {
 public:
  enum class Urgency {
    kNow,
    kSoon,  // left out if the last frame is less than 1/15 s old
  };

  /// Draws on `fd`, a terminal, which is borrowed.
  explicit LiveBlock(int fd) : fd_(fd) {}
  LiveBlock(const LiveBlock&) = delete;
  LiveBlock& operator=(const LiveBlock&) = delete;
  ~LiveBlock() { Clear(); }

  void Show(std::vector<std::string> lines, Urgency urgency);
  /// Writes `text` (whole lines) to `fd`; if that is the block's terminal the text appears above
  /// the block.
  void PrintAbove(int fd, std::string_view text);
  void Clear() { Show({}, Urgency::kNow); }

 private:
  void Draw(TerminalSize size, std::string_view above);

  int fd_;
  std::vector<std::string> lines_;
  Drawn drawn_;
  std::chrono::steady_clock::time_point last_frame_;
};

}  // namespace berth::agent::cli
