#include "agent/cli/styled_text.h"

#include <array>

#include "base/format.h"

namespace berth::agent::cli {
namespace {

constexpr std::string_view kReset = "\x1b[0m";

// The size of what starts at `text`: one of our escape sequences, or one character.
size_t NextSize(std::string_view text) {
  if (text.starts_with("\x1b[")) {
    const size_t end = text.find('m');
    return end == std::string_view::npos ? text.size() : end + 1;
  }
  size_t size = 1;
  // The bytes of a character behind its first one start with the bits 10.
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) ++size;
  return size;
}

}  // namespace

std::string Painted(std::string_view text, Paint paint, Colours colours) {
  if (colours == Colours::kOff) return std::string(text);
  return fmt::format("\x1b[{}m{}{}", static_cast<int>(paint), text, kReset);
}

Paint PaintOf(size_t number) {
  constexpr std::array kPaints = {Paint::kCyan,    Paint::kYellow, Paint::kGreen,
                                  Paint::kMagenta, Paint::kBlue,   Paint::kRed};
  return kPaints[number % kPaints.size()];
}

int Width(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    if (text.front() != '\x1b') ++width;
    text.remove_prefix(NextSize(text));
  }
  return width;
}

std::string Fit(std::string_view text, int columns) {
  std::string fitting;
  bool painted = false;
  for (int width = 0; !text.empty();) {
    const std::string_view next = text.substr(0, NextSize(text));
    if (next.front() == '\x1b') {
      painted = next != kReset;
    } else if (++width > columns) {
      if (painted) fitting += kReset;
      return fitting;
    }
    fitting += next;
    text.remove_prefix(next.size());
  }
  return fitting;
}

std::string Pad(std::string text, int columns) {
  const int width = Width(text);
  if (width < columns) text.append(static_cast<size_t>(columns - width), ' ');
  return text;
}

std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  return line;
}

}  // namespace berth::agent::cli
