#include "ecs/sigv4.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "base/text.h"
#include "ecs/amz_time.h"
#include "ecs/canonical_request.h"
#include "ecs/sha256.h"

namespace berth::ecs {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr size_t kMostSignedHeaders = 100;
constexpr size_t kMostFrameHeader = 16 << 10;  // session tokens are the long part

struct SigningInput {
  const http::Request& request;
  const std::vector<std::string>& signed_headers;
  std::string_view amz_date;  // 20261125T181500Z
  std::string_view region;
  std::string_view service;
};

std::string_view DayOf(std::string_view amz_date) { return amz_date.substr(0, 8); }

std::string ScopeOf(const SigningInput& input) {
  return fmt::format("{}/{}/{}/aws4_request", DayOf(input.amz_date), input.region, input.service);
}

std::string SignatureOf(const SigningInput& input, std::string_view secret) {
  const std::string string_to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, input.amz_date, ScopeOf(input),
                  Sha256Hex(CanonicalRequest(input.request, input.signed_headers)));
  std::string key = HmacSha256(fmt::format("AWS4{}", secret), DayOf(input.amz_date));
  key = HmacSha256(key, input.region);
  key = HmacSha256(key, input.service);
  key = HmacSha256(key, "aws4_request");
  return Hex(HmacSha256(key, string_to_sign));
}

// What proxies and the layers below change or add after the signing.
bool MayChangeOnTheWay(std::string_view lower_name) {
  constexpr std::string_view kNames[] = {
      "accept-encoding",   "authorization", "connection", "expect",         "keep-alive", "te",
      "transfer-encoding", "upgrade",       "user-agent", "x-amzn-trace-id"};
  return std::find(std::begin(kNames), std::end(kNames), lower_name) != std::end(kNames) ||
         lower_name.starts_with("sec-websocket-");
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(::tolower(c)); });
  return lower;
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

tl::unexpected<ApiError> Invalid(std::string_view what) {
  return Refuse("InvalidSignatureException", "{}", what);
}

// The one Authorization header.
ApiResult<std::string_view> FindAuthorization(const http::Request& request) {
  std::optional<std::string_view> found;
  for (const auto& [name, value] : request.headers) {
    if (!SameHeader(name, "authorization")) continue;
    if (found) return Incomplete("There must be one Authorization header, not several.");
    found = value;
  }
  if (request.Query().find("X-Amz-Signature=") != std::string_view::npos) {
    return Incomplete("A signature must be in the Authorization header, not in the query string.");
  }
  if (!found) return Refuse("MissingAuthenticationTokenException", "Missing Authentication Token");
  return *found;
}

struct Parameters {
  std::string_view credential;
  std::string_view signature;
  std::string_view signed_headers;
};

// Of "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...".
ApiResult<Parameters> ReadParameters(std::string_view header) {
  if (!header.starts_with(kAlgorithm) || header.substr(kAlgorithm.size(), 1) != " ") {
    return Incomplete(fmt::format("Authorization header must begin with '{}'.", kAlgorithm));
  }
  header.remove_prefix(kAlgorithm.size());
  Parameters parameters;
  while (!header.empty()) {
    const size_t comma = std::min(header.find(','), header.size());
    const std::string_view part = Trim(header.substr(0, comma));
    header.remove_prefix(std::min(comma + 1, header.size()));
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      return Incomplete("Not a valid key=value pair (missing equal-sign) in Authorization header.");
    }
    const std::string_view name = part.substr(0, equals);
    std::string_view* const value = name == "Credential"      ? &parameters.credential
                                    : name == "Signature"     ? &parameters.signature
                                    : name == "SignedHeaders" ? &parameters.signed_headers
                                                              : nullptr;
    if (value == nullptr || !value->empty()) {
      return Incomplete(
          "Authorization header must have one each of 'Credential', 'SignedHeaders' and "
          "'Signature', and nothing else.");
    }
    *value = part.substr(equals + 1);
  }
  return parameters;
}

ApiResult<void> CheckNothingIsMissing(const Parameters& parameters, bool has_date) {
  std::vector<std::string> missing;
  const auto require = [&](std::string_view name, bool there) {
    if (!there) missing.push_back(fmt::format("Authorization header requires {}.", name));
  };
  require("'Credential' parameter", !parameters.credential.empty());
  require("'Signature' parameter", !parameters.signature.empty());
  require("'SignedHeaders' parameter", !parameters.signed_headers.empty());
  require("existence of a 'X-Amz-Date' header", has_date);
  if (missing.empty()) return {};
  return Incomplete(Join(missing, " "));
}

ApiResult<void> ReadScope(std::string_view credential, Signature& signature) {
  const std::vector<std::string> parts = Split(credential, '/');
  const bool complete = std::none_of(parts.begin(), parts.end(),
                                     [](const std::string& part) { return part.empty(); });
  if (parts.size() != 5 || !complete) {
    return Incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/term.");
  }
  if (parts[4] != "aws4_request") {
    return Invalid("Credential should be scoped with a valid terminator: 'aws4_request'.");
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

// Whoever is between could alter what is not signed, and these say what is asked for.
ApiResult<void> CheckSignedHeaders(const http::Request& request, const Signature& signature) {
  if (!IsSigned(signature, "host")) {
    return Invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  for (const char* name : {"X-Amz-Date", "X-Amz-Target", "X-Amz-Security-Token"}) {
    if (request.headers.Find(name) && !IsSigned(signature, Lower(name))) {
      return Invalid(fmt::format("'{}' must be a 'SignedHeader' in the AWS Authorization.", name));
    }
  }
  for (const std::string& name : signature.signed_headers) {
    if (!request.headers.Find(name)) {
      return Invalid("A header that SignedHeaders lists is not in the request.");
    }
  }
  return {};
}

ApiResult<void> CheckTime(WallTime time, WallTime now) {
  if (time < now - kSignatureLifetime) {
    return Invalid(fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)",
                               FormatAmzTime(time), FormatAmzTime(now - kSignatureLifetime),
                               FormatAmzTime(now)));
  }
  if (time > now + kSignatureLifetime) {
    return Invalid(fmt::format("Signature not yet current: {} is still later than {} ({} + 5 min.)",
                               FormatAmzTime(time), FormatAmzTime(now + kSignatureLifetime),
                               FormatAmzTime(now)));
  }
  return {};
}

}  // namespace

void Sign(http::Request& request, const AwsCredentials& credentials, const SigningScope& scope,
          WallTime now) {
  const std::string amz_date = FormatAmzTime(now);
  request.headers.Set("X-Amz-Date", amz_date);
  if (!credentials.session_token.empty()) {
    request.headers.Set("X-Amz-Security-Token", credentials.session_token);
  }
  const std::vector<std::string> signed_headers = HeadersToSign(request);
  const SigningInput input = {.request = request,
                              .signed_headers = signed_headers,
                              .amz_date = amz_date,
                              .region = scope.region,
                              .service = scope.service};
  request.headers.Set(
      "Authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                  credentials.access_key_id, ScopeOf(input), Join(signed_headers, ";"),
                  SignatureOf(input, credentials.secret_access_key)));
}

ApiResult<Signature> ReadSignature(const http::Request& request) {
  const Parameters parameters = API_TRY(ReadParameters(API_TRY(FindAuthorization(request))));
  const auto date = request.headers.Find("X-Amz-Date");
  API_TRY(CheckNothingIsMissing(parameters, date.has_value()));
  Signature signature;
  API_TRY(ReadScope(parameters.credential, signature));
  signature.signed_headers = Split(parameters.signed_headers, ';');
  if (signature.signed_headers.size() > kMostSignedHeaders) {
    return Incomplete(fmt::format("At most {} headers can be signed.", kMostSignedHeaders));
  }
  signature.signature = parameters.signature;
  signature.session_token = request.headers.Find("X-Amz-Security-Token").value_or("");
  const auto time = ParseAmzTime(*date);
  if (!time) return Incomplete("Date must be in ISO-8601 'basic format', as 20261125T181500Z.");
  if (signature.date != DayOf(*date)) {
    return Invalid(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
        "HTTP.");
  }
  signature.time = *time;
  return signature;
}

ApiResult<void> VerifySignature(const http::Request& request, const Signature& signature,
                                std::string_view secret, WallTime now) {
  API_TRY(CheckSignedHeaders(request, signature));
  API_TRY(CheckTime(signature.time, now));
  const std::string expected = SignatureOf({.request = request,
                                            .signed_headers = signature.signed_headers,
                                            .amz_date = FormatAmzTime(signature.time),
                                            .region = signature.region,
                                            .service = signature.service},
                                           secret);
  const bool same =
      expected.size() == signature.signature.size() &&
      ::CRYPTO_memcmp(expected.data(), signature.signature.data(), expected.size()) == 0;
  if (same) return {};
  return Invalid(
      "The request signature we calculated does not match the signature you provided. Check your "
      "AWS Secret Access Key and signing method. Consult the service documentation for details.");
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
    return Refuse("MissingAuthenticationTokenException", "Missing Authentication Token");
  }
  if (end > kMostFrameHeader) {
    return Incomplete(fmt::format("The header of a frame has at most {} bytes.", kMostFrameHeader));
  }
  SignedFrame read = {.payload = frame.substr(end + 4)};
  read.request.target = handshake_target;
  for (const std::string& line : Split(frame.substr(0, end), '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) return Incomplete("A line of the frame's header has no colon.");
    const std::string_view view = line;
    read.request.headers.Add(std::string(Trim(view.substr(0, colon))),
                             std::string(Trim(view.substr(colon + 1))));
  }
  read.request.body = read.payload;
  return read;
}

}  // namespace berth::ecs
