#include "ecs/place.h"

#include <arpa/inet.h>

#include <algorithm>

namespace berth::ecs {

bool IsMadeOf(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

void Place::CheckRange(int64_t value, int64_t least, int64_t most) const {
  if (value < least || value > most) Complain("must be from {} to {}, not {}", least, most, value);
}

void Place::CheckLeast(int64_t value, int64_t least) const {
  if (value < least) Complain("must be at least {}, not {}", least, value);
}

bool Place::CheckGiven(std::string_view name, std::string_view value) const {
  if (value.empty()) Complain("{} is required", name);
  return !value.empty();
}

void Place::CheckAbsolute(std::string_view value) const {
  if (!value.starts_with('/')) Complain("must be an absolute path, not {}", QuoteJson(value));
}

void Place::CheckName(std::string_view value) const {
  if (!value.empty() && value.size() <= 255 && IsMadeOf(value, "-_")) return;
  Complain("must be 1 to 255 letters, digits, hyphens and underscores, not {}", QuoteJson(value));
}

void Place::CheckAddress(const std::string& value) const {
  in6_addr address;
  if (::inet_pton(AF_INET, value.c_str(), &address) == 1) return;
  if (::inet_pton(AF_INET6, value.c_str(), &address) == 1) return;
  Complain("must be an IPv4 or IPv6 address, not {}", QuoteJson(value));
}

}  // namespace berth::ecs
