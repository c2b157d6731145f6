// What operators write for addresses, blocks and MACs: parsed or refused, and stable when written
// out again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/addresses/address.h"

namespace {

template <typename T>
void RoundTrip(std::string_view text) {
  const auto parsed = T::Parse(text);
  if (!parsed) return;
  const auto again = T::Parse(parsed->Format());
  if (!again || *again != *parsed) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  RoundTrip<berth::net::Ipv4>(text);
  RoundTrip<berth::net::Ipv4Cidr>(text);
  RoundTrip<berth::net::MacAddress>(text);
  return 0;
}
