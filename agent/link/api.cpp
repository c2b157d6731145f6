#include "agent/link/api.h"

namespace berth::agent::link {
namespace {

http::ClientOptions OptionsOf(const LinkSettings& settings) {
  return {.ca_file = settings.ca_file};
}

}  // namespace

std::string UserAgent() { return "Berth Agent - v" BERTH_VERSION " (linux)"; }

Api::Api(http::IoLoop& loop, const LinkSettings& settings)
    : settings_(settings), client_(loop, OptionsOf(settings)) {}

void Api::Send(const ecs::AwsCredentials& credentials, const std::string& operation,
               std::string body, Text done) {
  http::Request request = {
      .method = "POST",
      .target = "/",
      .headers = {{"Host", settings_.backend.Authority()},
                  {"Content-Type", std::string(ecs::api::kContentType)},
                  {"X-Amz-Target", std::string(ecs::api::kTargetPrefix) + operation},
                  {"User-Agent", UserAgent()}},
      .body = std::move(body)};
  ecs::Sign(request, credentials, {.region = settings_.region}, Now());
  client_.Send(
      settings_.backend, std::move(request),
      [done = std::move(done)](Result<http::Response> response) {
        if (!response) {
          return done(tl::unexpected(CallError{.error = {"", response.error().message(), 0},
                                               .unreachable = true,
                                               .timed_out = response.error().Is(ETIMEDOUT)}));
        }
        if (response->status == 200) return done(std::move(response->body));
        const auto id = response->headers.Find("x-amzn-RequestId");
        done(tl::unexpected(
            CallError{.error = ecs::api::ParseError(response->body, response->status),
                      .request_id = std::string(id.value_or(""))}));
      });
}

http::Request Api::HandshakeOf(const http::Url& url) {
  return {.method = "GET", .target = url.target, .headers = {{"Host", url.Authority()}}};
}

void Api::Connect(const http::Url& url, std::function<void(Result<http::WebSocketAnswer>)> done) {
  http::Request request = HandshakeOf(url);
  ecs::Sign(request, settings_.credentials, {.region = settings_.region}, Now());
  client_.OpenWebSocket(url, request.headers, {}, std::move(done));
}

}  // namespace berth::agent::link
