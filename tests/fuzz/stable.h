// What fuzz targets of codecs demand: no crash, a word with each refusal, and that what was read
// stays the same from its first writing on.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

inline void Expect(bool held, const char* what, const std::string& detail) {
  if (held) return;
  std::fprintf(stderr, "%s: %s\n", what, detail.c_str());
  std::abort();
}

/// `parse` gives an expected of something that `format` writes.
template <typename Parse, typename Format>
void ExpectStable(std::string_view text, Parse parse, Format format) {
  const auto first = parse(text);
  if (!first) return;
  const std::string written = format(*first);
  const auto second = parse(written);
  Expect(second.has_value(), "what was written can't be read", written);
  const std::string again = format(*second);
  Expect(again == written, "what was written is read as something else", written + "\n" + again);
}
