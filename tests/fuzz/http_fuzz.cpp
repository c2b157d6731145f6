// HTTP as it comes from anywhere: requests and responses in pieces of any size are read alike, and
// forms and percent codes decode.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/http/message.h"
#include "base/http/parser.h"
#include "base/http/url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using namespace berth::http;

constexpr ParserLimits kLimits{.max_header = 4096, .max_body = 4096};

bool IsOver(Parsed parsed) { return parsed != Parsed::kPart && parsed != Parsed::kHead; }

// Fed `step` bytes at a time, until the first message is there or refused.
template <typename Parser>
Parsed Feed(Parser& parser, const std::string& text, size_t step) {
  std::string input;
  for (size_t at = 0; at < text.size(); at += step) {
    input += text.substr(at, step);
    Parsed parsed = parser.Parse(input);
    if (parsed == Parsed::kHead) parsed = parser.Parse(input);
    if (IsOver(parsed)) return parsed;
  }
  return Parsed::kPart;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t step = 1 + data[0] % 64;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);

  RequestParser whole(kLimits);
  RequestParser pieces(kLimits);
  const Parsed at_once = Feed(whole, text, text.size() + 1);
  const Parsed in_pieces = Feed(pieces, text, step);
  // How much is too much may be noticed sooner or later; what a request is may not depend on it.
  if ((at_once == Parsed::kAll) != (in_pieces == Parsed::kAll)) std::abort();
  if (at_once == Parsed::kAll) {
    const Request a = std::move(whole).Take();
    const Request b = std::move(pieces).Take();
    if (a.method != b.method || a.target != b.target || a.body != b.body) std::abort();
    if (a.body.size() > kLimits.max_body) std::abort();
    static_cast<void>(ParseForm(a.Query()));
    static_cast<void>(ParseForm(a.body));
  }

  ResponseParser response(kLimits, "GET");
  static_cast<void>(Feed(response, text, step));
  static_cast<void>(response.EndsHere());
  static_cast<void>(Url::Parse(text));
  if (PercentDecode(PercentEncode(text)) != text) std::abort();
  return 0;
}
