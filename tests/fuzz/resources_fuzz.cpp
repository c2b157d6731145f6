// What `update --resources` reads, and so linux.resources: it comes out of a dump and a parse
// unchanged; and whatever it says, each control file is written one line without a NUL, below the
// cgroup's own directory.
#include "cgroups/limits.h"
#include "runtime/resources/limits.h"
#include "runtime/spec/resources_parse.h"
#include "tests/fuzz/stable.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::runtime;  // NOLINT
  const std::string_view json = Text(data, size);
  ExpectEqualAgain(json, ParseResources, DumpResources);
  const auto resources = ParseResources(json);
  if (!resources) return 0;
  const auto limits = LimitsOf(*resources);
  if (!limits) {
    Expect(!limits.error().message().empty(), "refused without a word", json);
    return 0;
  }
  for (const auto& [controller, file, value, fallback] : berth::cgroups::AllSettings(*limits)) {
    Expect(file.starts_with(controller + "."), "a file of another controller", file);
    Expect(file.find('/') == std::string::npos, "a file elsewhere", file);
    Expect(value.find_first_of(std::string_view("\0\n", 2)) == std::string::npos, "a value", value);
  }
  static_cast<void>(DeviceRulesOf(*resources));
  return 0;
}
