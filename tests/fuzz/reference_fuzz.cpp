// Image names: what is accepted reads back as itself, in full and as people write it, and makes a
// file name that stays in its directory.
#include <cstdlib>
#include <string>

#include "agent/images/auth_challenge.h"
#include "agent/images/reference.h"
#include "base/http/url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using berth::agent::images::Reference;
  const std::string text(reinterpret_cast<const char*>(data), size);
  // Headers that a registry sends are as foreign, and as short.
  static_cast<void>(berth::agent::images::AuthChallenge::Parse(text));
  static_cast<void>(berth::http::Url::Parse(text));

  const auto reference = Reference::Parse(text);
  if (!reference) return 0;
  const std::string canonical = reference->Canonical();
  if (canonical.size() > 255 || canonical.find('%') != std::string::npos) std::abort();
  for (const std::string& spelling : {canonical, reference->Familiar()}) {
    const auto again = Reference::Parse(spelling);
    if (!again || !(*again == *reference)) std::abort();
  }
  return 0;
}
