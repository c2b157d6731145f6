#include "agent/cli/live_block.h"

#include <algorithm>

#include "base/format.h"
#include "base/sys.h"

namespace berth::agent::cli {
namespace {

constexpr auto kFrame = std::chrono::milliseconds(1000 / 15);

int Rows(const Drawn& drawn, int columns) {
  int rows = 0;
  for (const int width : drawn) rows += std::max(1, (width + columns - 1) / columns);
  return rows;
}

// To the place where the block starts.
std::string GoToTop(const Drawn& drawn, int columns) {
  const int rows = Rows(drawn, columns);
  return rows == 0 ? "" : fmt::format("\x1b[{}A\r", rows);
}

}  // namespace

std::string Redraw(const Drawn& before, const std::vector<std::string>& lines, TerminalSize size) {
  std::string frame = GoToTop(before, size.columns);
  for (const std::string& line : lines) frame += line + "\x1b[K\n";
  if (!before.empty()) frame += "\x1b[J";
  return frame;
}

std::vector<std::string> Clip(std::vector<std::string> lines, TerminalSize size) {
  const size_t rows = static_cast<size_t>(std::max(size.rows - 1, 1));
  if (lines.size() > rows) lines.erase(lines.begin(), lines.end() - static_cast<ptrdiff_t>(rows));
  for (std::string& line : lines) line = Fit(line, size.columns - 1);
  return lines;
}

void LiveBlock::Show(std::vector<std::string> lines, Urgency urgency) {
  const auto now = std::chrono::steady_clock::now();
  lines_ = std::move(lines);
  if (urgency == Urgency::kSoon && now - last_frame_ < kFrame) return;
  last_frame_ = now;
  Draw(SizeOfTerminal(fd_), "");
}

void LiveBlock::PrintAbove(int fd, std::string_view text) {
  if (SameTerminal(fd, fd_)) {
    Draw(SizeOfTerminal(fd_), text);
  } else {
    Print(fd, text);
  }
}

void LiveBlock::Draw(TerminalSize size, std::string_view above) {
  std::string frame;
  if (!above.empty()) {
    frame = GoToTop(drawn_, size.columns) + (drawn_.empty() ? "" : "\x1b[J");
    frame += above;
    drawn_.clear();
  }
  const std::vector<std::string> lines = Clip(lines_, size);
  frame += Redraw(drawn_, lines, size);
  drawn_.clear();
  for (const std::string& line : lines) drawn_.push_back(Width(line));
  if (!frame.empty()) Print(fd_, frame);
}

}  // namespace berth::agent::cli
