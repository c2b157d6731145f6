// Bodies of requests, as anyone may send them to a scheduler: none may crash the readers, and what
// was read is written and read again as the same.
#include <cstdint>

#include "ecs/api/agent.h"
#include "ecs/api/codec.h"
#include "ecs/api/container_instance.h"
#include "ecs/api/task.h"
#include "tests/fuzz/stable.h"

namespace {

template <typename Body>
void Fuzz(std::string_view json) {
  using namespace berth::ecs::api;  // NOLINT
  ExpectStable(json, ParseBody<Body>, FormatBody<Body>);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  Fuzz<berth::ecs::api::RunTaskRequest>(json);
  Fuzz<berth::ecs::api::RegisterContainerInstanceRequest>(json);
  Fuzz<berth::ecs::api::SubmitTaskStateChangeRequest>(json);
  Fuzz<berth::ecs::api::Task>(json);
  (void)berth::ecs::api::ParseError(json, 400);
  return 0;
}
