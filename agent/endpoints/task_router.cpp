#include "agent/endpoints/answers.h"
#include "agent/endpoints/credentials.h"
#include "agent/endpoints/endpoint_server.h"
#include "agent/endpoints/task_protection.h"

namespace berth::agent::endpoints {

TaskRouter::TaskRouter(MetadataSources sources, AuditLog& audit, RateLimitOptions limit)
    : sources_(sources), audit_(audit), limit_(limit, std::chrono::steady_clock::now()) {}

void TaskRouter::Answer(const http::Request& request, http::Respond respond) {
  const auto limited = [limits = limit_.HeadersFor(request),
                        respond = std::move(respond)](http::Response response) {
    for (const auto& [name, value] : limits) response.headers.Set(name, value);
    respond(std::move(response));
  };
  if (!limit_.Admit(std::chrono::steady_clock::now())) return limited(RateLimit::Refusal());
  Route(request, limited);
}

void TaskRouter::Route(const http::Request& request, http::Respond respond) {
  const std::vector<std::string> path = PathParts(request.Path());
  const auto part = [&](size_t i) { return i < path.size() ? path[i] : std::string(); };
  const bool credentials = part(1) == "credentials" && ((part(0) == "v1" && path.size() == 2) ||
                                                        (part(0) == "v2" && path.size() <= 3));
  if (credentials) return respond(AnswerCredentials(sources_.catalog, audit_, request));
  if (part(0) == "v2" || part(0) == "v3" || part(0) == "v4") {
    return AnswerMetadata(sources_, request, std::move(respond));
  }
  const bool protection = path.size() == 5 && part(0) == "api" && part(2) == "task-protection" &&
                          part(3) == "v1" && part(4) == "state";
  if (protection) {
    return AnswerTaskProtection(sources_.catalog, sources_.calls, request, std::move(respond));
  }
  // Faults (/api/ID/fault/v1/...) among them: an agent that can't inject any.
  respond(PathNotFound());
}

}  // namespace berth::agent::endpoints
