// Api: signed calls of the ECS API from the loop.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/link/settings.h"
#include "base/http/client.h"
#include "ecs/api/codec.h"
#include "ecs/api_error.h"

namespace berth::agent::link {

/// Why a call has no answer: the API's own error, or one that never came ("" as code then).
struct CallError {
  ecs::ApiError error;
  std::string request_id;
  bool unreachable = false;  // no answer at all: worth another try
  bool timed_out = false;

  /// Worth another try.
  bool Transient() const {
    return unreachable || error.status >= 500 || error.code == "ThrottlingException" ||
           error.code == "LimitExceededException";
  }
  std::string Text() const {
    return unreachable ? error.message : error.code + ": " + error.message;
  }
};

class Api {
 public:
  Api(http::IoLoop& loop, const LinkSettings& settings);

  template <typename Out>
  using Done = std::function<void(tl::expected<Out, CallError>)>;

  /// Calls back once, on the loop.
  template <typename Out, typename In>
  void Call(const std::string& operation, const In& in, Done<Out> done) {
    Send(settings_.credentials, operation, ecs::api::FormatBody(in), Parsed<Out>(std::move(done)));
  }
  /// The same as somebody else.
  template <typename Out, typename In>
  void CallAs(const ecs::AwsCredentials& credentials, const std::string& operation, const In& in,
              Done<Out> done) {
    Send(credentials, operation, ecs::api::FormatBody(in), Parsed<Out>(std::move(done)));
  }

  /// A WebSocket at `url`, its handshake signed.
  void Connect(const http::Url& url, std::function<void(Result<http::WebSocketAnswer>)> done);
  /// The handshake's request line and Host, which telemetry's frames are signed for.
  static http::Request HandshakeOf(const http::Url& url);

  const LinkSettings& settings() const { return settings_; }

 private:
  using Text = std::function<void(tl::expected<std::string, CallError>)>;

  template <typename Out>
  static Text Parsed(Done<Out> done) {
    return [done = std::move(done)](tl::expected<std::string, CallError> body) {
      if (!body) return done(tl::unexpected(body.error()));
      auto parsed = ecs::api::ParseBody<Out>(*body);
      if (!parsed) return done(tl::unexpected(CallError{.error = parsed.error()}));
      done(*std::move(parsed));
    };
  }
  void Send(const ecs::AwsCredentials& credentials, const std::string& operation, std::string body,
            Text done);

  const LinkSettings& settings_;
  http::Client client_;
};

/// "Berth Agent - v0.1.0 (linux)": in the form of the ECS agent's.
std::string UserAgent();

}  // namespace berth::agent::link
