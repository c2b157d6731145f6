#include "scheduler/placement/version.h"

#include <algorithm>

#include "base/text.h"

namespace berth::scheduler::placement {

std::optional<Version> ParseVersion(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  text = text.substr(0, text.find_first_of("-+"));
  Version version;
  for (const std::string& part : Split(text, '.')) {
    const auto number = ParseInteger<int64_t>(part);
    if (!number || *number < 0) return std::nullopt;
    version.push_back(*number);
  }
  if (version.empty()) return std::nullopt;
  return version;
}

std::strong_ordering CompareVersions(const Version& a, const Version& b) {
  for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const int64_t left = i < a.size() ? a[i] : 0;
    const int64_t right = i < b.size() ? b[i] : 0;
    if (left != right) return left <=> right;
  }
  return std::strong_ordering::equal;
}

}  // namespace berth::scheduler::placement
