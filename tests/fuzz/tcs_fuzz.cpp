// Frames of the telemetry service, of either direction: none may crash the readers, and what was
// read is written and read again as the same.
#include <cstdint>

#include "ecs/wire/tcs_message.h"
#include "tests/fuzz/stable.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::ecs::wire;  // NOLINT
  const std::string_view frame(reinterpret_cast<const char*>(data), size);
  ExpectStable(frame, ParseTcsReport, [](const TcsReport& report) { return FormatTcs(report); });
  ExpectStable(frame, ParseTcsAnswer, [](const TcsAnswer& answer) { return FormatTcs(answer); });
  return 0;
}
