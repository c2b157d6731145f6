#include "ecs/amz_time.h"

#include <algorithm>

namespace berth::ecs {

std::string FormatAmzTime(WallTime time) {
  // 2026-11-25T18:15:00... without its dashes and colons.
  std::string text = FormatTime(time).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + "Z";
}

Result<WallTime> ParseAmzTime(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') {
    return MakeError("\"{}\" is no time as 20261125T181500Z", text);
  }
  return ParseTime(fmt::format("{}-{}-{}T{}:{}:{}Z", text.substr(0, 4), text.substr(4, 2),
                               text.substr(6, 2), text.substr(9, 2), text.substr(11, 2),
                               text.substr(13, 2)));
}

}  // namespace berth::ecs
