#include "base/mountinfo.h"

#include <optional>

#include "base/text.h"

namespace berth {
namespace {

// The kernel writes a space, tab, line break, backslash and "#" as three octal digits behind a
// backslash.
std::string UndoOctal(std::string_view field) {
  std::string text;
  for (size_t i = 0; i < field.size(); ++i) {
    const std::string_view digits = field.substr(i + 1, 3);
    const auto byte = digits.size() == 3 ? ParseInteger<unsigned char>(digits, 8) : std::nullopt;
    if (field[i] == '\\' && byte) {
      text += static_cast<char>(*byte);
      i += digits.size();
    } else {
      text += field[i];
    }
  }
  return text;
}

// "31 23 0:28 / /sys/fs/cgroup rw,relatime [optional fields] - cgroup2 cgroup2 rw"
std::optional<MountedAt> ParseLine(const std::string& line) {
  const size_t dash = line.find(" - ");
  if (dash == std::string::npos) return std::nullopt;
  const auto before = Split(std::string_view(line).substr(0, dash), ' ');
  const auto after = Split(std::string_view(line).substr(dash + 3), ' ');
  if (before.size() < 6) return std::nullopt;
  return MountedAt{
      .root = UndoOctal(before[3]), .place = UndoOctal(before[4]), .type = UndoOctal(after[0])};
}

}  // namespace

std::vector<MountedAt> ParseMountinfo(std::string_view text) {
  std::vector<MountedAt> mounts;
  for (const std::string& line : Split(text, '\n')) {
    if (auto mount = ParseLine(line)) mounts.push_back(std::move(*mount));
  }
  return mounts;
}

}  // namespace berth
