#include "base/text.h"

#include <sys/random.h>

#include <array>
#include <cstdlib>

#include "base/format.h"

namespace berth {

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string joined;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) joined += separator;
    joined += part;
  }
  return joined;
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string Hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string RandomHex(size_t bytes) {
  std::string random(bytes, '\0');
  // Up to 256 bytes getrandom(2) is never short once the pool is ready; without it nothing is safe.
  if (bytes > 256 || ::getrandom(random.data(), bytes, 0) != static_cast<ssize_t>(bytes)) {
    std::abort();
  }
  return Hex(random);
}

std::optional<int64_t> ParseSize(std::string_view text) {
  constexpr std::string_view kUnits = "kmgtp";
  const size_t digits = std::min(text.find_first_not_of("-0123456789"), text.size());
  const auto number = ParseInteger<int64_t>(text.substr(0, digits));
  std::string unit(text.substr(digits));
  for (char& c : unit) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!number) return std::nullopt;
  if (unit.empty() || unit == "b") return number;
  const size_t power = kUnits.find(unit[0]);
  const std::string_view rest = std::string_view(unit).substr(1);
  if (power == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "ib")) {
    return std::nullopt;
  }
  int64_t size = 0;
  const int64_t factor = int64_t{1} << (10 * (power + 1));
  if (*number < 0 || __builtin_mul_overflow(*number, factor, &size)) return std::nullopt;
  return size;
}

std::string HumanSize(uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  while (size >= 1024 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  if (unit == 0) return fmt::format("{} B", bytes);
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

}  // namespace berth
