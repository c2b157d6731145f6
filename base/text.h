// Small things done to text.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth {

std::vector<std::string> Split(std::string_view text, char separator);
std::string Join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view Trim(std::string_view text);

/// The whole text as a number in `base`; nothing if any of it is something else.
template <typename Integer>
std::optional<Integer> ParseInteger(std::string_view text, int base = 10) {
  Integer value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Lower-case hexadecimal of `bytes`.
std::string Hex(std::string_view bytes);
/// `bytes` random bytes (getrandom(2)) in hexadecimal: an ECS task id is RandomHex(16).
std::string RandomHex(size_t bytes);
/// "64m", "64M", "64MiB", "64mb": whole numbers with a binary unit, or without one. Nothing for
/// anything else and for what is too large.
std::optional<int64_t> ParseSize(std::string_view text);
/// 1.5 KiB, 12 MiB, ...
std::string HumanSize(uint64_t bytes);

}  // namespace berth
