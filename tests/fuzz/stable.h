// What fuzz targets of codecs demand: a word with each refusal, and that what was read stays the
// same from its first writing on.
#pragma once

#include "tests/fuzz/target.h"

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

/// The same where what is read can be compared. Failures have a message.
template <typename Parse, typename Format>
void ExpectEqualAgain(std::string_view text, Parse parse, Format format) {
  const auto first = parse(text);
  if (!first) {
    Expect(!first.error().message().empty(), "refused without a word", text);
    return;
  }
  const std::string written = format(*first);
  const auto second = parse(written);
  Expect(second.has_value(), "what was written can't be read", written);
  Expect(*second == *first, "what was written is read as something else", written);
}
