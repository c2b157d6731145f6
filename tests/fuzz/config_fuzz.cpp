// config.json, and the `process` of exec: whatever parses comes out of a dump and a parse
// unchanged, and can be asked for what the set-up will want to know.
#include "runtime/mounts/mount_options.h"
#include "runtime/process/capabilities.h"
#include "runtime/spec/spec_dump.h"
#include "runtime/spec/spec_parse.h"
#include "tests/fuzz/stable.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::runtime;  // NOLINT
  const std::string_view json = Text(data, size);
  ExpectEqualAgain(json, ParseSpec, DumpSpec);
  ExpectEqualAgain(json, ParseProcess, [](const Process& process) {
    std::string out;
    Write(out, process);
    return out;
  });
  const auto spec = ParseSpec(json);
  if (!spec) return 0;
  for (const Mount& mount : spec->mounts) static_cast<void>(ParseMountOptions(mount));
  static_cast<void>(ParseCapabilities(spec->process.capabilities));
  return 0;
}
