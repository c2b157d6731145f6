// What users write for tasks: no input may crash the readers, and what a task definition was read
// as is valid and comes back equal from its own dump.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ecs/dump.h"
#include "ecs/network_configuration.h"
#include "ecs/overrides.h"
#include "ecs/parse.h"
#include "ecs/security_group.h"
#include "ecs/validate.h"

namespace {

void Expect(bool held, const char* what, const std::string& detail) {
  if (held) return;
  std::fprintf(stderr, "%s: %s\n", what, detail.c_str());
  std::abort();
}

void FuzzTaskDefinition(std::string_view text) {
  const auto task = berth::ecs::ParseTaskDefinition(text);
  if (!task) {
    Expect(!task.error().message().empty(), "refused without a word", "");
    return;
  }
  const auto valid = berth::ecs::ValidateTaskDefinition(*task);
  Expect(valid.has_value(), "read but invalid", valid ? "" : valid.error().message());
  const std::string dumped = berth::ecs::DumpTaskDefinition(*task);
  const auto again = berth::ecs::ParseTaskDefinition(dumped);
  Expect(again.has_value(), "dump is refused", again ? "" : again.error().message());
  Expect(*again == *task, "dump is something else", dumped);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  FuzzTaskDefinition(text);
  (void)berth::ecs::ParseTaskOverride(text);
  (void)berth::ecs::ParseNetworkConfiguration(text);
  (void)berth::ecs::ParseSecurityGroups(text);
  return 0;
}
