// Tasks as any scheduler may order them, Docker's documents in strings included: what becomes a task
// definition goes back onto the wire and comes out the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "ecs/wire/acs_message.h"
#include "ecs/wire/convert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::ecs::wire;
  const auto order = ParseAcsOrder({reinterpret_cast<const char*>(data), size});
  const auto* payload = order ? std::get_if<PayloadMessage>(&*order) : nullptr;
  if (payload == nullptr) return 0;
  for (const AcsTask& task : payload->tasks) {
    auto definition = FromAcsTask(task);
    if (!definition) continue;
    definition->taskRoleArn.reset();
    definition->executionRoleArn.reset();
    if (!FromAcsTask(ToAcsTask(*definition))) std::abort();
  }
  return 0;
}
