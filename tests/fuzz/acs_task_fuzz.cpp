// Tasks that an agent is sent, with Docker's JSON in strings. The input is a payload's frame; or
// else a container's hostConfig and config, one on either side of the first NUL. None may crash,
// and what a task was converted to comes back from the wire as the same.
#include <cstdint>

#include "ecs/dump.h"
#include "ecs/validate.h"
#include "ecs/wire/acs_message.h"
#include "ecs/wire/convert.h"
#include "tests/fuzz/stable.h"

namespace {

using namespace berth::ecs;        // NOLINT
using namespace berth::ecs::wire;  // NOLINT

AcsTask WithRoles(AcsTask task, const AcsTask& of) {
  task.roleCredentials = of.roleCredentials;
  task.executionRoleCredentials = of.executionRoleCredentials;
  return task;
}

void Fuzz(const AcsTask& task) {
  const auto definition = FromAcsTask(task);
  if (!definition) {
    Expect(!definition.error().message().empty(), "refused without a word", "");
    return;
  }
  Expect(ValidateTaskDefinition(*definition).has_value(), "invalid",
         DumpTaskDefinition(*definition));
  const auto again = FromAcsTask(WithRoles(ToAcsTask(*definition), task));
  Expect(again.has_value(), "can't be converted back",
         again ? "" : again.error().message() + "\n" + DumpTaskDefinition(*definition));
  Expect(*again == *definition, "is converted back as something else",
         DumpTaskDefinition(*definition) + "\n" + DumpTaskDefinition(*again));
}

AcsTask TaskWith(std::string_view host_config, std::string_view config) {
  AcsContainer container{.name = "web", .image = "web:1", .memory = 64};
  container.dockerConfig =
      DockerConfig{.config = std::string(config), .hostConfig = std::string(host_config)};
  return {.family = "web", .containers = {container}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto order = ParseAcsOrder(text);
  if (const auto* payload = order ? std::get_if<PayloadMessage>(&*order) : nullptr) {
    for (const AcsTask& task : payload->tasks) Fuzz(task);
    return 0;
  }
  const size_t nul = std::min(text.size(), text.find('\0'));
  Fuzz(TaskWith(text.substr(0, nul), text.substr(std::min(text.size(), nul + 1))));
  return 0;
}
