// Url: an http or https address taken apart.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::http {

/// As RFC 3986 has it; without user, password and fragment, which registries have no use for.
struct Url {
  enum class Scheme { kHttp, kHttps };

  Scheme scheme = Scheme::kHttps;
  std::string host;  // without the brackets of an IPv6 address
  std::string port;  // always there
  std::string target = "/";

  static Result<Url> Parse(std::string_view text);
  /// Where `location` leads from here (RFC 9110, 10.2.2): a whole URL, or one that starts with "/".
  Result<Url> Resolve(std::string_view location) const;

  /// "host:port", without the port if it is the scheme's own: for the Host header.
  std::string Authority() const;
  std::string ToString() const;
  /// The same scheme, host and port: what may see the same credentials.
  bool SameOrigin(const Url& other) const;
  bool IsLoopback() const;
};

}  // namespace berth::http
