// Frames of the agent communication service, of either direction: none may crash the readers, and
// what was read is written and read again as the same.
#include <cstdint>

#include "ecs/wire/acs_message.h"
#include "tests/fuzz/stable.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::ecs::wire;  // NOLINT
  const std::string_view frame(reinterpret_cast<const char*>(data), size);
  ExpectStable(frame, ParseAcsOrder, [](const AcsOrder& order) { return FormatAcs(order); });
  ExpectStable(frame, ParseAcsReply, [](const AcsReply& reply) { return FormatAcs(reply); });
  return 0;
}
