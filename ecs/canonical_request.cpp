#include "ecs/canonical_request.h"

#include <strings.h>

#include <algorithm>

#include "base/text.h"
#include "ecs/sha256.h"

namespace berth::ecs {
namespace {

// "." and ".." and empty segments go (RFC 3986, 5.2.4); each segment is encoded once more.
std::string CanonicalPath(std::string_view path) {
  std::vector<std::string> segments;
  for (const std::string& segment : Split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  std::string canonical;
  for (const std::string& segment : segments) canonical += "/" + http::PercentEncode(segment);
  const bool directory = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  if (canonical.empty() || directory) canonical += '/';
  return canonical;
}

std::string CanonicalQuery(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : http::ParseForm(query)) {
    pairs.emplace_back(http::PercentEncode(name), http::PercentEncode(value));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string canonical;
  for (const auto& [name, value] : pairs) {
    if (!canonical.empty()) canonical += '&';
    canonical += name + "=" + value;
  }
  return canonical;
}

// Spaces at the ends go, those within become one.
void AppendFolded(std::string& out, std::string_view value) {
  bool space = false;
  for (const char c : Trim(value)) {
    if (c == ' ' || c == '\t') {
      space = true;
      continue;
    }
    if (space) out += ' ';
    space = false;
    out += c;
  }
}

// The values of all the fields of that name, in their order.
void AppendValues(std::string& out, const http::Headers& headers, std::string_view name) {
  bool first = true;
  for (const auto& [own, value] : headers) {
    if (!SameHeader(own, name)) continue;
    if (!first) out += ',';
    first = false;
    AppendFolded(out, value);
  }
}

}  // namespace

bool SameHeader(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string CanonicalRequest(const http::Request& request,
                             const std::vector<std::string>& signed_headers) {
  std::string canonical = request.method + "\n" + CanonicalPath(request.Path()) + "\n" +
                          CanonicalQuery(request.Query()) + "\n";
  for (const std::string& name : signed_headers) {
    canonical += name + ":";
    AppendValues(canonical, request.headers, name);
    canonical += '\n';
  }
  return canonical + "\n" + Join(signed_headers, ";") + "\n" + Sha256Hex(request.body);
}

}  // namespace berth::ecs
