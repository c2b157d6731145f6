// Expressions of the cluster query language: refused with a word and a place, or parsed into what
// can be asked of any instance. What `not` is put before means the opposite.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scheduler/placement/query.h"

namespace placement = berth::scheduler::placement;

namespace {

placement::Instance Busy() {
  placement::Instance instance;
  instance.ec2_instance_id = "i-abcd1234";
  instance.agent_version = "1.14.5";
  instance.agent_connected = true;
  instance.running_tasks = 1;
  instance.attributes["stack"] = "prod";
  instance.attributes["ssd"] = std::nullopt;
  instance.tasks_by_group["service:production"] = 1;
  return instance;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const placement::Instance busy = Busy();
  static const placement::Instance blank;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto query = placement::Query::Parse(text);
  if (!query) {
    if (query.error().message().empty()) std::abort();
    return 0;
  }
  const auto opposite = placement::Query::Parse("not (" + text + " )");
  if (!opposite) {
    // Only for being too deep or too long now.
    if (opposite.error().message().find("at most") == std::string::npos) std::abort();
    return 0;
  }
  for (const placement::Instance* instance : {&busy, &blank}) {
    if (query->Matches(*instance) == opposite->Matches(*instance)) std::abort();
  }
  return 0;
}
