// The names that this folder puts into the kernel's tables, and those of interfaces.
#pragma once

#include <algorithm>
#include <string_view>

namespace berth::net {

inline constexpr const char* kNameRule = "a name is 1 to 64 letters, digits and hyphens";

/// Whether a text may name an attachment or a group. Nothing else is let into chain names and
/// comments, so that `nft list ruleset` stays readable and unambiguous.
inline bool IsName(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), fits);
}

/// Whether an interface may be called so.
inline bool IsInterfaceName(std::string_view text) {
  constexpr size_t kMostBytes = 15;  // IFNAMSIZ without the NUL
  const auto fits = [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':' && c != '%'; };
  return !text.empty() && text.size() <= kMostBytes && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), fits);
}

}  // namespace berth::net
