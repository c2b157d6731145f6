#include "agent/endpoints/endpoint_server.h"

#include "agent/endpoints/introspection.h"

namespace berth::agent::endpoints {
namespace {

/// As strict as those of the ECS agent: no task may tie the endpoint up.
http::ServerLimits Limits() {
  constexpr std::chrono::milliseconds kPatience{5000};
  return {.max_connections = 2000,
          .max_header = 16 << 10,
          .max_body = 64 << 10,
          .header_timeout = kPatience,
          .body_timeout = kPatience,
          .idle_timeout = kPatience};
}

}  // namespace

Result<EndpointServer> EndpointServer::Start(http::IoLoop& loop, MetadataSources sources,
                                             AuditLog& audit, const EndpointOptions& options) {
  http::ServerHandlers for_tasks, for_host;
  for_tasks.request = [router = std::make_shared<TaskRouter>(sources, audit, options.limit)](
                          const http::Request& request, http::Respond respond) {
    router->Answer(request, std::move(respond));
  };
  for_host.request = [&catalog = sources.catalog](const http::Request& request,
                                                  const http::Respond& respond) {
    respond(AnswerIntrospection(catalog, request));
  };
  http::Server tasks = TRY(http::Server::Listen(loop, options.tasks, std::move(for_tasks), Limits())
                               .Context("serve tasks"));
  http::Server introspection =
      TRY(http::Server::Listen(loop, options.introspection, std::move(for_host), Limits())
              .Context("serve introspection"));
  return EndpointServer(std::move(tasks), std::move(introspection));
}

}  // namespace berth::agent::endpoints
