#include "cgroups/setting.h"

#include "base/format.h"
#include "base/text.h"

namespace berth::cgroups {

std::string LimitText(uint64_t limit) {
  return limit == kUnlimited ? "max" : fmt::format("{}", limit);
}

uint64_t ParseLimit(std::string_view text) {
  const std::string_view value = Trim(text);
  return value == "max" ? kUnlimited : ParseInteger<uint64_t>(value).value_or(0);
}

uint64_t FlatValue(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.size() > key.size() && line[key.size()] == ' ' && line.starts_with(key)) {
      return ParseLimit(line.substr(key.size() + 1));
    }
  }
  return 0;
}

}  // namespace berth::cgroups
