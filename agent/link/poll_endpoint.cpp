#include "agent/link/poll_endpoint.h"

#include "base/http/message.h"
#include "ecs/api/agent.h"

namespace berth::agent::link {
namespace {

constexpr std::chrono::hours kGoodFor{12};

}  // namespace

void PollEndpoint::Find(std::function<void(tl::expected<Places, CallError>)> done) {
  if (known_ && std::chrono::steady_clock::now() - asked_ < kGoodFor) return done(*known_);
  api_.Call<ecs::api::DiscoverPollEndpointResponse>(
      "DiscoverPollEndpoint",
      ecs::api::DiscoverPollEndpointRequest{.containerInstance = instance_arn_,
                                            .cluster = api_.settings().cluster},
      [this, done = std::move(done)](const auto& answer) {
        if (answer) {
          known_ = Places{.orders = answer->endpoint, .telemetry = answer->telemetryEndpoint};
          asked_ = std::chrono::steady_clock::now();
        }
        if (known_) return done(*known_);
        done(tl::unexpected(answer.error()));
      });
}

Result<http::Url> WebSocketUrl(const std::string& base,
                               const std::map<std::string, std::string>& parameters) {
  std::string text = base;
  if (!text.ends_with('/')) text += '/';
  text += "ws?";
  for (const auto& [name, value] : parameters) {
    if (!text.ends_with('?')) text += '&';
    text += http::PercentEncode(name) + "=" + http::PercentEncode(value);
  }
  return http::Url::Parse(text);
}

}  // namespace berth::agent::link
