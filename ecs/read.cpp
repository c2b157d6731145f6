#include "ecs/read.h"

#include <nlohmann/json.hpp>

namespace berth::ecs {

Result<Json> ParseInput(std::string_view json) {
  constexpr size_t kMostBytes = 512 * 1024;
  if (json.size() > kMostBytes) {
    return MakeError("must be at most {} KiB of JSON, not {}", kMostBytes / 1024,
                     json.size() / 1024);
  }
  return ParseJson(json);
}

void RefuseNul(const JsonReader& in) {
  if (in.IsString()) {
    if (in.String().find('\0') != std::string::npos) in.Complain("must not hold a NUL character");
  } else if (in.IsArray()) {
    for (const JsonReader& item : in.Items()) RefuseNul(item);
  } else if (in.IsObject()) {
    for (const auto& [name, field] : in.Fields()) RefuseNul(field);
  }
}

}  // namespace berth::ecs
