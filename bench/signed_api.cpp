#include "bench/signed_api.h"

#include "base/files.h"
#include "base/text.h"
#include "ecs/api/codec.h"

namespace berth::bench {
namespace {

// A scheduler that is slow is to be measured, not given up.
constexpr http::ClientOptions kPatient = {.total_timeout = std::chrono::minutes(5)};

std::string ValueOf(std::string_view text, std::string_view name) {
  for (const std::string& line : Split(text, '\n')) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos || Trim(line.substr(0, equals)) != name) continue;
    return std::string(Trim(std::string_view(line).substr(equals + 1)));
  }
  return "";
}

}  // namespace

Result<ecs::AwsCredentials> ReadCredentials(const std::string& path) {
  const std::string text = TRY(ReadFile(path));
  return ecs::AwsCredentials{.access_key_id = ValueOf(text, "aws_access_key_id"),
                             .secret_access_key = ValueOf(text, "aws_secret_access_key")};
}

SignedApi::SignedApi(http::IoLoop& loop, const Account& account)
    : account_(account), client_(loop, kPatient) {}

void SignedApi::Call(std::string_view operation, std::string body,
                     std::function<void(Result<std::string>)> done) {
  http::Request request = {
      .method = "POST",
      .target = "/",
      .headers = {{"Host", account_.place.Authority()},
                  {"Content-Type", std::string(ecs::api::kContentType)},
                  {"X-Amz-Target", std::string(ecs::api::kTargetPrefix) + std::string(operation)}},
      .body = std::move(body)};
  ecs::Sign(request, account_.credentials, {.region = account_.region}, Now());
  client_.Send(account_.place, std::move(request),
               [operation = std::string(operation), done = std::move(done)](auto response) {
                 if (!response) return done(std::move(response.error()).WithContext(operation));
                 if (response->status == 200) return done(std::move(response->body));
                 done(MakeError("{}: {} {}", operation, response->status, response->body));
               });
}

void SignedApi::Connect(const std::string& path,
                        const std::map<std::string, std::string>& parameters,
                        std::function<void(Result<Socket>)> done) {
  http::Url url = account_.place;
  url.target = path;
  for (const auto& [name, value] : parameters) {
    url.target += fmt::format("{}{}={}", url.target.size() == path.size() ? '?' : '&',
                              http::PercentEncode(name), http::PercentEncode(value));
  }
  const http::Request handshake = {
      .method = "GET", .target = url.target, .headers = {{"Host", url.Authority()}}};
  http::Request request = handshake;
  ecs::Sign(request, account_.credentials, {.region = account_.region}, Now());
  client_.OpenWebSocket(
      url, request.headers, {}, [handshake, path, done = std::move(done)](auto answer) {
        if (!answer) return done(std::move(answer.error()).WithContext(path));
        if (answer->socket) return done(Socket{std::move(answer->socket), handshake});
        done(MakeError("{}: {} {}", path, answer->refusal.status, answer->refusal.body));
      });
}

std::string SignedApi::Frame(const http::Request& handshake, const std::string& payload) const {
  return ecs::SignFrame(handshake, payload, account_.credentials, {.region = account_.region},
                        Now()) +
         payload;
}

}  // namespace berth::bench
