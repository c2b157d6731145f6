#include "agent/endpoints/rate_limit.h"

#include <algorithm>

#include "base/format.h"

namespace berth::agent::endpoints {

bool RateLimit::Admit(Time now) {
  const std::chrono::duration<double> passed = std::max(now - filled_, Time::duration::zero());
  tokens_ = std::min(options_.burst, tokens_ + passed.count() * options_.per_second);
  filled_ = std::max(filled_, now);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

http::Response RateLimit::Refusal() {
  return {.status = 429,
          .headers = {{"Content-Type", "text/plain; charset=utf-8"}},
          .body = "You have reached maximum request limit."};
}

http::Headers RateLimit::HeadersFor(const http::Request& request) const {
  return {{"X-Rate-Limit-Duration", "1"},
          {"X-Rate-Limit-Limit", fmt::format("{:.2f}", options_.per_second)},
          {"X-Rate-Limit-Request-Forwarded-For",
           std::string(request.headers.Find("X-Forwarded-For").value_or(""))},
          {"X-Rate-Limit-Request-Remote-Addr", request.peer_address}};
}

}  // namespace berth::agent::endpoints
