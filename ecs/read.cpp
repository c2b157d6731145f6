#include "ecs/read.h"

namespace berth::ecs {

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
