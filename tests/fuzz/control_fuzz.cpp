// The control: a parser that is broken on purpose, so that a run that finds nothing anywhere means
// something. Its way to the fault is one that nobody finds by chance alone, only by being told of
// each right step.
#include <cstring>
#include <memory>

#include "base/text.h"
#include "tests/fuzz/target.h"

namespace {

// "KEY=VALUE" of a key that it knows; forgets that a value may be longer than it thinks.
void Parse(std::string_view text) {
  std::string_view value = text;
  if (Next(value, '=') != "user" || value.size() < 4) return;
  const auto copy = std::make_unique<char[]>(4);
  std::memcpy(copy.get(), value.data(), value.size());
}

// Adds what it should not.
void Count(std::string_view text) {
  if (!text.starts_with("sum ")) return;
  int sum = 1;
  sum += berth::ParseInteger<int>(text.substr(4)).value_or(0);
  Expect(sum != 43, "the sum", text);
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Parse(Text(data, size));
  Count(Text(data, size));
  return 0;
}
