// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), by OpenSSL.
#pragma once

#include <string>
#include <string_view>

namespace berth::ecs {

/// 32 bytes.
std::string Sha256(std::string_view data);
/// The same in lower-case hexadecimal.
std::string Sha256Hex(std::string_view data);
/// 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view data);

}  // namespace berth::ecs
