// Bodies of the ECS API: what is read is written so that it reads the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "ecs/api/agent.h"
#include "ecs/api/codec.h"
#include "ecs/api/container_instance.h"
#include "ecs/api/task.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

template <typename Body>
void CheckRoundTrip(const std::string& text) {
  const auto body = berth::ecs::api::ParseBody<Body>(text);
  if (!body) return;
  const std::string written = berth::ecs::api::FormatBody(*body);
  const auto again = berth::ecs::api::ParseBody<Body>(written);
  if (!again || berth::ecs::api::FormatBody(*again) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace berth::ecs::api;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  switch (data[0] % 4) {
    case 0:
      CheckRoundTrip<RunTaskRequest>(text);
      break;
    case 1:
      CheckRoundTrip<RegisterContainerInstanceRequest>(text);
      break;
    case 2:
      CheckRoundTrip<SubmitTaskStateChangeRequest>(text);
      break;
    default:
      static_cast<void>(ParseError(text, 400));
  }
  return 0;
}
