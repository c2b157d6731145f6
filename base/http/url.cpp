#include "base/http/url.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"

namespace berth::http {
namespace {

std::string_view DefaultPort(Url::Scheme scheme) {
  return scheme == Url::Scheme::kHttps ? "443" : "80";
}

// What may stand in a request line or a Host header: no space or control character that would end
// it.
bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

Result<Url> Url::Parse(std::string_view text) {
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
    url.scheme = Scheme::kHttp;
  } else {
    return MakeError("\"{}\" is no http or https URL", text);
  }
  const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, end);
  const std::string_view target = rest.substr(end, rest.find('#') - end);
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  const size_t colon = authority.rfind(':');
  url.port = DefaultPort(url.scheme);
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  url.host = authority;
  const auto port = ParseInteger<uint16_t>(url.port);
  if (url.host.empty() || !port || *port == 0 || url.host.find('@') != std::string::npos ||
      !IsPrintable(text)) {
    return MakeError("\"{}\" is no http or https URL", text);
  }
  return url;
}

Result<Url> Url::Resolve(std::string_view location) const {
  if (!location.starts_with('/') || location.starts_with("//")) return Parse(location);
  if (!IsPrintable(location)) return MakeError("\"{}\" is no path of a URL", location);
  Url url = *this;
  url.target = location.substr(0, location.find('#'));
  return url;
}

std::string Url::Authority() const {
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == DefaultPort(scheme) ? shown : shown + ":" + port;
}

std::string Url::ToString() const {
  return fmt::format("{}://{}{}", scheme == Scheme::kHttps ? "https" : "http", Authority(), target);
}

bool Url::SameOrigin(const Url& other) const {
  return scheme == other.scheme && host == other.host && port == other.port;
}

bool Url::IsLoopback() const {
  in_addr address;
  return host == "localhost" || host == "::1" ||
         (::inet_pton(AF_INET, host.c_str(), &address) == 1 && host.starts_with("127."));
}

}  // namespace berth::http
