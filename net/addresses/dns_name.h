// Which texts are names of the DNS.
#pragma once

#include <string_view>

namespace berth::net {

/// Whether it is a label (RFC 1035, 2.3.1; with underscores, as resolvers take them): 1 to 63
/// letters, digits, hyphens and underscores, no hyphen at either end.
bool IsDnsLabel(std::string_view text);

/// Whether it is a domain that names fit below: labels joined by dots, 200 characters at most.
bool IsDomainName(std::string_view text);

}  // namespace berth::net
