// state.json, which commands leave for later ones: what parses is written as the same bytes again,
// since nothing but DumpRecord writes it; and ids of containers, which are names of directories.
#include "runtime/state/record.h"
#include "runtime/state/state_dir.h"
#include "tests/fuzz/stable.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::runtime;  // NOLINT
  const std::string text(Text(data, size));
  ExpectEqualAgain(text, ParseRecord, DumpRecord);
  if (!CheckId(text)) return 0;
  const bool leads_away = text.empty() || text[0] == '.' || text.size() > 255 ||
                          text.find_first_of(std::string_view("/\0", 2)) != std::string::npos;
  Expect(!leads_away, "an id that is no name", text);
  return 0;
}
