#include "runtime/hooks/container_state.h"

#include "base/format.h"
#include "base/json.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

std::string_view Name(Status status) {
  switch (status) {
    case Status::kCreating:
      return "creating";
    case Status::kCreated:
      return "created";
    case Status::kRunning:
      return "running";
    case Status::kStopped:
      return "stopped";
    case Status::kPaused:
      return "paused";
  }
  return "unknown";
}

std::string StateJson(const ContainerState& state) {
  std::string json = fmt::format(R"({{"ociVersion":"{}","id":{},"status":"{}")", kOciVersion,
                                 QuoteJson(state.id), Name(state.status));
  if (state.pid > 0) json += fmt::format(R"(,"pid":{})", state.pid);
  json += fmt::format(R"(,"bundle":{})", QuoteJson(state.bundle));
  if (!state.annotations.empty()) {
    json += R"(,"annotations":{)";
    const char* separator = "";
    for (const auto& [name, value] : state.annotations) {
      json += fmt::format("{}{}:{}", separator, QuoteJson(name), QuoteJson(value));
      separator = ",";
    }
    json += '}';
  }
  return json + '}';
}

}  // namespace berth::runtime
