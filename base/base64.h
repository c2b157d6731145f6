// Base64 (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth {

/// The bytes that `text` stands for, with its padding; nothing if it has anything else in it.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace berth
