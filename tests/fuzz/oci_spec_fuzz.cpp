// config.json: whatever parses must come out of a dump and a parse unchanged.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runtime/spec/spec_parse.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto spec = berth::runtime::ParseSpec({reinterpret_cast<const char*>(data), size});
  if (!spec) return 0;
  const auto again = berth::runtime::ParseSpec(berth::runtime::DumpSpec(*spec));
  if (!again || *again != *spec) std::abort();
  return 0;
}
