#include "ecs/sigv4.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "ecs/amz_time.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string Hmac(std::string_view key, std::string_view data) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ::HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest, &size);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(::tolower(c)); });
  return lower;
}

// Spaces at the ends go, those within become one.
std::string FoldSpaces(std::string_view text) {
  std::string folded;
  for (const char c : Trim(text)) {
    const bool space = c == ' ' || c == '\t';
    if (!space) folded += c;
    if (space && !folded.empty() && folded.back() != ' ') folded += ' ';
  }
  return folded;
}

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

struct CanonicalHeaders {
  std::string text;     // name:value lines
  std::string signed_;  // a;b;c
};

// Of the named headers; several of one name are joined in their order.
CanonicalHeaders CanonicalHeadersOf(const http::Request& request,
                                    const std::vector<std::string>& names) {
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : request.headers) {
    std::string lower = Lower(name);
    if (std::find(names.begin(), names.end(), lower) == names.end()) continue;
    const auto [found, added] = values.try_emplace(std::move(lower), FoldSpaces(value));
    if (!added) found->second += "," + FoldSpaces(value);
  }
  CanonicalHeaders headers;
  for (const std::string& name : names) {
    const auto found = values.find(name);
    headers.text += name + ":" + (found == values.end() ? "" : found->second) + "\n";
    if (!headers.signed_.empty()) headers.signed_ += ';';
    headers.signed_ += name;
  }
  return headers;
}

struct SigningInput {
  const http::Request& request;
  std::vector<std::string> signed_headers;
  std::string_view amz_date;  // 20261125T181500Z
  std::string_view region;
  std::string_view service;
};

std::string ScopeOf(const SigningInput& input) {
  return fmt::format("{}/{}/{}/aws4_request", input.amz_date.substr(0, 8), input.region,
                     input.service);
}

std::string StringToSign(const SigningInput& input) {
  const CanonicalHeaders headers = CanonicalHeadersOf(input.request, input.signed_headers);
  const std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", input.request.method,
                  CanonicalPath(input.request.Path()), CanonicalQuery(input.request.Query()),
                  headers.text, headers.signed_, Sha256Hex(input.request.body));
  return fmt::format("{}\n{}\n{}\n{}", kAlgorithm, input.amz_date, ScopeOf(input),
                     Sha256Hex(canonical));
}

std::string SignatureOf(const SigningInput& input, std::string_view secret) {
  std::string key = Hmac(fmt::format("AWS4{}", secret), input.amz_date.substr(0, 8));
  key = Hmac(key, input.region);
  key = Hmac(key, input.service);
  key = Hmac(key, "aws4_request");
  return Hex(Hmac(key, StringToSign(input)));
}

// What proxies and clients add after the signing, or change on the way.
bool MayChangeOnTheWay(std::string_view lower_name) {
  constexpr std::string_view kNames[] = {
      "authorization",     "connection", "expect",         "user-agent", "te",
      "transfer-encoding", "upgrade",    "x-amzn-trace-id"};
  return std::find(std::begin(kNames), std::end(kNames), lower_name) != std::end(kNames) ||
         lower_name.starts_with("sec-websocket-");
}

std::vector<std::string> HeadersToSign(const http::Request& request) {
  std::vector<std::string> names;
  for (const auto& [name, value] : request.headers) {
    std::string lower = Lower(name);
    if (!MayChangeOnTheWay(lower)) names.push_back(std::move(lower));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

tl::unexpected<ApiError> Incomplete(std::string_view what) {
  return Refuse("IncompleteSignatureException", "{}", what);
}

// The value of `Name=` in "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...".
std::string Parameter(std::string_view header, std::string_view name) {
  for (const std::string& part : Split(header, ',')) {
    const std::string_view trimmed = Trim(part);
    if (trimmed.starts_with(name) && trimmed.substr(name.size()).starts_with('=')) {
      return std::string(Trim(trimmed.substr(name.size() + 1)));
    }
  }
  return "";
}

ApiResult<void> ReadScope(std::string_view credential, Signature& signature) {
  // The key id may hold no slash, so the last four parts are the scope.
  const std::vector<std::string> parts = Split(credential, '/');
  if (parts.size() != 5 || parts[4] != "aws4_request") {
    return Incomplete(fmt::format(
        "Credential must be KEY/DATE/REGION/SERVICE/aws4_request, not \"{}\"", credential));
  }
  signature.access_key_id = parts[0];
  signature.date = parts[1];
  signature.region = parts[2];
  signature.service = parts[3];
  return {};
}

bool IsSigned(const Signature& signature, std::string_view name) {
  const auto& names = signature.signed_headers;
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string Sha256Hex(std::string_view data) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  ::EVP_Digest(data.data(), data.size(), digest, &size, EVP_sha256(), nullptr);
  return Hex(std::string_view(reinterpret_cast<const char*>(digest), size));
}

void Sign(http::Request& request, const AwsCredentials& credentials, const SigningScope& scope,
          WallTime now) {
  const std::string amz_date = FormatAmzTime(now);
  request.headers.Set("X-Amz-Date", amz_date);
  if (!credentials.session_token.empty()) {
    request.headers.Set("X-Amz-Security-Token", credentials.session_token);
  }
  const SigningInput input = {.request = request,
                              .signed_headers = HeadersToSign(request),
                              .amz_date = amz_date,
                              .region = scope.region,
                              .service = scope.service};
  request.headers.Set(
      "Authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                  credentials.access_key_id, ScopeOf(input), Join(input.signed_headers, ";"),
                  SignatureOf(input, credentials.secret_access_key)));
}

ApiResult<Signature> ReadSignature(const http::Request& request) {
  std::optional<std::string_view> authorization;
  for (const auto& [name, value] : request.headers) {
    if (Lower(name) != "authorization") continue;
    if (authorization) return Incomplete("there must be one Authorization header, not several");
    authorization = value;
  }
  if (!authorization) {
    return Refuse("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  if (!authorization->starts_with(kAlgorithm)) {
    return Incomplete(fmt::format("Authorization must begin with {}", kAlgorithm));
  }
  const std::string_view rest = Trim(authorization->substr(kAlgorithm.size()));
  Signature signature;
  for (const char* name : {"Credential", "SignedHeaders", "Signature"}) {
    if (Parameter(rest, name).empty()) {
      return Incomplete(fmt::format("Authorization header requires '{}' parameter.", name));
    }
  }
  API_TRY(ReadScope(Parameter(rest, "Credential"), signature));
  signature.signed_headers = Split(Parameter(rest, "SignedHeaders"), ';');
  signature.signature = Parameter(rest, "Signature");
  signature.session_token = request.headers.Find("X-Amz-Security-Token").value_or("");
  const auto date = request.headers.Find("X-Amz-Date");
  if (!date) {
    return Incomplete(
        "Authorization header requires existence of either a 'X-Amz-Date' or a "
        "'Date' header.");
  }
  const auto time = ParseAmzTime(*date);
  if (!time || !date->starts_with(signature.date)) {
    return Incomplete(fmt::format(
        "X-Amz-Date must be as 20261125T181500Z and of the credential's day, not \"{}\"", *date));
  }
  signature.time = *time;
  return signature;
}

ApiResult<void> VerifySignature(const http::Request& request, const Signature& signature,
                                std::string_view secret, WallTime now) {
  if (!IsSigned(signature, "host") || !IsSigned(signature, "x-amz-date")) {
    return Refuse("InvalidSignatureException", "'Host' and 'X-Amz-Date' must be signed headers.");
  }
  if (!signature.session_token.empty() && !IsSigned(signature, "x-amz-security-token")) {
    return Refuse("InvalidSignatureException", "'X-Amz-Security-Token' must be a signed header.");
  }
  const std::string amz_date = FormatAmzTime(signature.time);
  if (signature.time + kSignatureLifetime < now) {
    return Refuse("InvalidSignatureException",
                  "Signature expired: {} is now earlier than {} ({} - 5 min.)", amz_date,
                  FormatAmzTime(now - kSignatureLifetime), FormatAmzTime(now));
  }
  if (signature.time - kSignatureLifetime > now) {
    return Refuse("InvalidSignatureException",
                  "Signature not yet current: {} is still later than {} ({} + 5 min.)", amz_date,
                  FormatAmzTime(now + kSignatureLifetime), FormatAmzTime(now));
  }
  const std::string expected = SignatureOf({.request = request,
                                            .signed_headers = signature.signed_headers,
                                            .amz_date = amz_date,
                                            .region = signature.region,
                                            .service = signature.service},
                                           secret);
  const bool same =
      expected.size() == signature.signature.size() &&
      ::CRYPTO_memcmp(expected.data(), signature.signature.data(), expected.size()) == 0;
  if (same) return {};
  return Refuse("InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method. Consult the service "
                "documentation for details.");
}

std::string SignFrame(const http::Request& handshake, std::string_view payload,
                      const AwsCredentials& credentials, const SigningScope& scope, WallTime now) {
  http::Request request = {.method = "GET", .target = handshake.target};
  request.headers.Set("Host", std::string(handshake.headers.Find("Host").value_or("")));
  request.body = payload;
  Sign(request, credentials, scope, now);
  std::string block;
  for (const char* name : {"Authorization", "Host", "X-Amz-Date", "X-Amz-Security-Token"}) {
    if (const auto value = request.headers.Find(name)) {
      block += fmt::format("{}: {}\r\n", name, *value);
    }
  }
  return block + "\r\n";
}

ApiResult<SignedFrame> ReadSignedFrame(std::string_view handshake_target, std::string_view frame) {
  const size_t end = frame.find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return Refuse("MissingAuthenticationTokenException", "the frame has no signed headers");
  }
  SignedFrame read = {.payload = frame.substr(end + 4)};
  read.request.target = handshake_target;
  for (const std::string& line : Split(frame.substr(0, end), '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) return Incomplete("a line of the frame's header has no colon");
    const std::string_view view = line;
    read.request.headers.Add(std::string(Trim(view.substr(0, colon))),
                             std::string(Trim(view.substr(colon + 1))));
  }
  read.request.body = read.payload;
  return read;
}

}  // namespace berth::ecs
