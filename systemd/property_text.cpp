#include "systemd/property_text.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "base/text.h"

namespace berth::systemd {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool IsName(std::string_view name) {
  return !name.empty() && IsLetter(name[0]) && std::all_of(name.begin(), name.end(), [](char c) {
    return IsLetter(c) || (c >= '0' && c <= '9');
  });
}

// A text in quotes at the front, which is taken off; nothing if there is none.
std::optional<std::string> TakeQuoted(std::string_view& rest) {
  if (rest.empty() || (rest[0] != '\'' && rest[0] != '"')) return std::nullopt;
  std::string text;
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == rest[0]) {
      rest.remove_prefix(i + 1);
      return text;
    }
    if (rest[i] == '\\' && ++i == rest.size()) break;
    text += rest[i];
  }
  return std::nullopt;
}

void SkipSpaces(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
}

std::optional<std::vector<std::string>> ParseList(std::string_view rest) {
  std::vector<std::string> texts;
  rest.remove_prefix(1);
  for (;;) {
    SkipSpaces(rest);
    if (texts.empty() && rest == "]") return texts;
    auto text = TakeQuoted(rest);
    if (!text) return std::nullopt;
    texts.push_back(std::move(*text));
    SkipSpaces(rest);
    if (rest == "]") return texts;
    if (!rest.starts_with(',')) return std::nullopt;
    rest.remove_prefix(1);
  }
}

template <typename Integer>
std::optional<PropertyValue> ParseNumber(std::string_view text) {
  const auto number = ParseInteger<Integer>(text);
  return number ? std::optional<PropertyValue>(*number) : std::nullopt;
}

struct NumberType {
  std::string_view name;
  std::optional<PropertyValue> (*parse)(std::string_view);
};
constexpr NumberType kNumberTypes[] = {{"int32 ", ParseNumber<int32_t>},
                                       {"uint32 ", ParseNumber<uint32_t>},
                                       {"int64 ", ParseNumber<int64_t>},
                                       {"uint64 ", ParseNumber<uint64_t>}};

std::optional<PropertyValue> ParseValue(std::string_view text) {
  if (text == "true" || text == "false") return text == "true";
  if (text.starts_with('[')) {
    auto list = ParseList(text);
    return list ? std::optional<PropertyValue>(std::move(*list)) : std::nullopt;
  }
  if (auto quoted = TakeQuoted(text)) {
    return text.empty() ? std::optional<PropertyValue>(std::move(*quoted)) : std::nullopt;
  }
  for (const NumberType& type : kNumberTypes) {
    if (text.starts_with(type.name)) return type.parse(text.substr(type.name.size()));
  }
  return ParseNumber<int32_t>(text);
}

bool IsInSeconds(std::string_view name) {
  return name.size() > 3 && name.ends_with("Sec") && name[name.size() - 4] >= 'a' &&
         name[name.size() - 4] <= 'z';
}

std::optional<uint64_t> ParseSeconds(std::string_view text) {
  for (const NumberType& type : kNumberTypes) {
    if (text.starts_with(type.name)) text.remove_prefix(type.name.size());
  }
  const std::string number(text);
  char* end = nullptr;
  const double seconds = std::strtod(number.c_str(), &end);
  constexpr double kMost = 1e12;  // far from where microseconds overflow
  const bool is_number = !number.empty() && *end == '\0' && (number[0] != ' ');
  if (!is_number || !std::isfinite(seconds) || seconds < 0 || seconds > kMost) return std::nullopt;
  return static_cast<uint64_t>(std::llround(seconds * 1e6));
}

}  // namespace

Result<UnitProperty> ParseProperty(std::string_view name, std::string_view text) {
  if (!IsName(name)) return MakeError("\"{}\" can't be the name of a unit's property", name);
  if (IsInSeconds(name)) {
    const auto microseconds = ParseSeconds(Trim(text));
    if (!microseconds) return MakeError("\"{}\" is no number of seconds", text);
    const auto stem = name.substr(0, name.size() - 3);
    return UnitProperty{.name = std::string(stem) + "USec", .value = *microseconds};
  }
  auto value = ParseValue(Trim(text));
  if (value) return UnitProperty{.name = std::string(name), .value = std::move(*value)};
  return MakeError(
      "\"{}\" is none of true, false, 'text', ['text', ...], a number, and a number after its type "
      "as in uint64 5",
      text);
}

}  // namespace berth::systemd
