// RateLimit: how many requests all tasks together may make.
#pragma once

#include <chrono>

#include "base/http/message.h"

namespace berth::agent::endpoints {

struct RateLimitOptions {
  double per_second = 40;
  double burst = 60;
};

/// A bucket of tokens, filled steadily: each request takes one.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RateLimit(RateLimitOptions options, Time now)
      : options_(options), tokens_(options.burst), filled_(now) {}

  /// Whether one more request may be answered now.
  bool Admit(Time now);
  /// The answer to one that may not.
  static http::Response Refusal();
  /// What tells a client of the limit, as ECS agents do it, in every answer.
  http::Headers HeadersFor(const http::Request& request) const;

 private:
  RateLimitOptions options_;
  double tokens_;
  Time filled_;
};

}  // namespace berth::agent::endpoints
