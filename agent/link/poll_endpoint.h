// PollEndpoint: where the scheduler wants its agents to connect.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "agent/link/api.h"

namespace berth::agent::link {

/// Asks DiscoverPollEndpoint, and remembers the answer for twelve hours (ecs-agent). An answer that
/// is older is good enough if there is no new one.
class PollEndpoint {
 public:
  PollEndpoint(Api& api, std::string instance_arn)
      : api_(api), instance_arn_(std::move(instance_arn)) {}

  struct Places {
    std::string orders;  // base URLs
    std::string telemetry;
  };
  void Find(std::function<void(tl::expected<Places, CallError>)> done);

 private:
  Api& api_;
  std::string instance_arn_;
  std::optional<Places> known_;
  std::chrono::steady_clock::time_point asked_;
};

/// `base` with "ws" and the parameters, which are encoded and sorted by name.
Result<http::Url> WebSocketUrl(const std::string& base,
                               const std::map<std::string, std::string>& parameters);

}  // namespace berth::agent::link
