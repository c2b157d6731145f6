#include "ecs/task_size.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"

namespace berth::ecs {
namespace {

// `text` in 1/1024ths, exactly: "1.5" is 1536. Nine digits a side keep the sum inside 64 bits.
std::optional<int64_t> ParseIn1024ths(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = point < text.size() ? text.substr(point + 1) : "";
  if ((whole.empty() && part.empty()) || whole.size() > 9 || part.size() > 9) return std::nullopt;
  int64_t units = whole.empty() ? 0 : ParseInteger<uint32_t>(whole).value_or(UINT32_MAX);
  if (units == UINT32_MAX) return std::nullopt;
  units *= 1024;
  if (part.empty()) return units;
  const auto digits = ParseInteger<uint32_t>(part);
  if (!digits) return std::nullopt;
  int64_t scale = 1;
  for (size_t i = 0; i < part.size(); ++i) scale *= 10;
  if (*digits * int64_t{1024} % scale != 0) return std::nullopt;
  return units + *digits * int64_t{1024} / scale;
}

std::optional<int64_t> ParseSize(std::string_view text, std::string_view unit) {
  text = Trim(text);
  const auto same = [](char a, char b) { return std::tolower(static_cast<uint8_t>(a)) == b; };
  if (text.size() > unit.size() &&
      std::equal(text.end() - unit.size(), text.end(), unit.begin(), same)) {
    return ParseIn1024ths(Trim(text.substr(0, text.size() - unit.size())));
  }
  if (text.size() > 9) return std::nullopt;
  return ParseInteger<uint32_t>(text);
}

}  // namespace

std::optional<int64_t> ParseTaskCpu(std::string_view text) { return ParseSize(text, "vcpu"); }

std::optional<int64_t> ParseTaskMemory(std::string_view text) { return ParseSize(text, "gb"); }

}  // namespace berth::ecs
