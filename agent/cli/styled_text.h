// Text for a terminal: colours, and how wide it is once they are out of the way.
#pragma once

#include <string>
#include <string_view>

namespace berth::agent::cli {

enum class Colours { kOff, kOn };

/// Select Graphic Rendition parameters (ECMA-48, 8.3.117).
enum class Paint {
  kBold = 1,
  kDim = 2,
  kRed = 31,
  kGreen = 32,
  kYellow = 33,
  kBlue = 34,
  kMagenta = 35,
  kCyan = 36,
};

/// `text` in that colour, or as it is under kOff.
std::string Painted(std::string_view text, Paint paint, Colours colours);

/// A colour for the thing with this number; the first six are all different.
Paint PaintOf(size_t number);

/// How many columns the text takes: characters (UTF-8), without the escape sequences of `Painted`.
/// Wide East Asian characters count as one.
int Width(std::string_view text);

/// `text` cut to at most `columns`; colours that were on are turned off.
std::string Fit(std::string_view text, int columns);

/// `text` with spaces behind it up to `columns`.
std::string Pad(std::string text, int columns);

/// `text` without control characters, each replaced by "?": what others wrote, safe on one line.
std::string OneLine(std::string_view text);

}  // namespace berth::agent::cli
