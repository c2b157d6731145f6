// EndpointServer: the agent's endpoints on the network.
#pragma once

#include <optional>

#include "agent/endpoints/audit_log.h"
#include "agent/endpoints/metadata.h"
#include "agent/endpoints/rate_limit.h"
#include "base/http/server.h"
#include "net/agent_endpoint.h"

namespace berth::agent::endpoints {

/// Routes a task's request to the handler of its path, within the limit on all of them.
class TaskRouter {
 public:
  TaskRouter(MetadataSources sources, AuditLog& audit, RateLimitOptions limit);
  void Answer(const http::Request& request, http::Respond respond);

 private:
  void Route(const http::Request& request, http::Respond respond);

  MetadataSources sources_;
  AuditLog& audit_;
  RateLimit limit_;
};

struct EndpointOptions {
  /// For tasks. With freebind, since the address may come later (net::OpenAgentEndpoint).
  http::ListenOn tasks = {
      .address = net::kAgentAddress.Format(), .port = net::kAgentPort, .freebind = true};
  http::ListenOn introspection = {.address = "127.0.0.1", .port = net::kIntrospectionPort};
  RateLimitOptions limit;
};

/// Listens while it exists. All that it refers to must outlive it.
class EndpointServer {
 public:
  static Result<EndpointServer> Start(http::IoLoop& loop, MetadataSources sources, AuditLog& audit,
                                      const EndpointOptions& options = {});

  uint16_t task_port() const { return tasks_.port(); }
  uint16_t introspection_port() const { return introspection_.port(); }

 private:
  EndpointServer(http::Server tasks, http::Server introspection)
      : tasks_(std::move(tasks)), introspection_(std::move(introspection)) {}

  http::Server tasks_;
  http::Server introspection_;
};

}  // namespace berth::agent::endpoints
