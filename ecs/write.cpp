#include "ecs/write.h"

#include <cmath>

namespace berth::ecs {

void JsonWriter::Append(double value) {
  // JSON has no word for infinity.
  text_ += std::isfinite(value) ? fmt::format("{}", value) : "null";
}

void JsonWriter::Append(WallTime time) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  const int64_t milliseconds = since_epoch.count();
  if (milliseconds % 1000 == 0) {
    Append(milliseconds / 1000);
  } else {
    Append(static_cast<double>(milliseconds) / 1000);
  }
}

}  // namespace berth::ecs
