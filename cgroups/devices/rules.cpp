#include "cgroups/devices/rules.h"

#include <limits>
#include <utility>

namespace berth::cgroups {
namespace {

constexpr std::pair<char, DeviceAccess> kAccessLetters[] = {
    {'r', kDeviceRead}, {'w', kDeviceWrite}, {'m', kDeviceMknod}};

DeviceAccess AccessOf(char letter) {
  for (const auto& [known, access] : kAccessLetters) {
    if (known == letter) return access;
  }
  return 0;
}

char LetterOf(DeviceType type) {
  if (type == DeviceType::kAll) return 'a';
  return type == DeviceType::kBlock ? 'b' : 'c';
}

std::string NumberText(std::optional<uint32_t> number) {
  return number ? std::to_string(*number) : "*";
}

// What was given is shown without the bytes that would upset a terminal.
std::string Printable(std::string_view text) {
  constexpr size_t kEnough = 32;
  std::string shown;
  for (const char byte : text.substr(0, kEnough)) shown += byte >= ' ' && byte <= '~' ? byte : '?';
  return text.size() > kEnough ? shown + "..." : shown;
}

}  // namespace

Result<DeviceType> ParseDeviceType(std::string_view text) {
  if (text.empty() || text == "a") return DeviceType::kAll;
  if (text == "b") return DeviceType::kBlock;
  if (text == "c" || text == "u") return DeviceType::kChar;
  return Error(fmt::format("device type \"{}\" is none of a, b, c, u", Printable(text)), EINVAL);
}

Result<DeviceAccess> ParseDeviceAccess(std::string_view text) {
  if (text.empty()) return Error("device access is empty: give some of the letters rwm", EINVAL);
  DeviceAccess access = 0;
  for (const char letter : text) {
    const DeviceAccess one = AccessOf(letter);
    const bool known = one != 0;
    if (known && (access & one) == 0) {
      access |= one;
      continue;
    }
    return Error(
        fmt::format("device access \"{}\": '{}' {}", Printable(text), Printable({&letter, 1}),
                    known ? "comes twice" : "is none of the letters rwm"),
        EINVAL);
  }
  return access;
}

Result<std::optional<uint32_t>> ParseDeviceNumber(std::optional<int64_t> number) {
  if (!number || *number == -1) return std::optional<uint32_t>();
  if (*number < 0 || *number > std::numeric_limits<uint32_t>::max()) {
    return Error(fmt::format("device number {} is not between 0 and 2^32 - 1", *number), EINVAL);
  }
  return std::optional(static_cast<uint32_t>(*number));
}

std::string Describe(const DeviceRule& rule) {
  std::string letters;
  for (const auto& [letter, access] : kAccessLetters) {
    if ((rule.access & access) != 0) letters += letter;
  }
  return fmt::format("{} {} {}:{} {}", rule.allow ? "allow" : "deny", LetterOf(rule.type),
                     NumberText(rule.major), NumberText(rule.minor), letters);
}

std::vector<DeviceRule> DefaultDeviceRules() {
  constexpr DeviceType kChar = DeviceType::kChar;
  const auto usable = [](uint32_t major, std::optional<uint32_t> minor) {
    return DeviceRule{.allow = true, .type = kChar, .major = major, .minor = minor};
  };
  return {
      {.allow = true, .type = kChar, .access = kDeviceMknod},
      {.allow = true, .type = DeviceType::kBlock, .access = kDeviceMknod},
      usable(1, 3),               // null
      usable(1, 5),               // zero
      usable(1, 7),               // full
      usable(1, 8),               // random
      usable(1, 9),               // urandom
      usable(5, 0),               // tty
      usable(5, 1),               // console
      usable(5, 2),               // ptmx
      usable(136, std::nullopt),  // pts/*
  };
}

}  // namespace berth::cgroups
