// Frames of the agent protocols, of either side: what is read is written so that it reads the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "ecs/wire/acs_message.h"
#include "ecs/wire/tcs_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::ecs::wire;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const auto order = ParseAcsOrder(text)) {
    const std::string written = FormatAcs(*order);
    const auto again = ParseAcsOrder(written);
    if (!again || FormatAcs(*again) != written) std::abort();
  }
  if (const auto reply = ParseAcsReply(text)) {
    const std::string written = FormatAcs(*reply);
    const auto again = ParseAcsReply(written);
    if (!again || FormatAcs(*again) != written) std::abort();
  }
  if (const auto report = ParseTcsReport(text)) static_cast<void>(FormatTcs(*report));
  if (const auto answer = ParseTcsAnswer(text)) static_cast<void>(FormatTcs(*answer));
  return 0;
}
