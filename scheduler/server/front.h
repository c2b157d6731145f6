// Front: what stands between the HTTP server and the operations: who calls, what for, and no answer
// before it is durable.
#pragma once

#include <functional>

#include "base/http/message.h"
#include "base/http/server.h"
#include "scheduler/agents/hub.h"
#include "scheduler/api/call.h"
#include "scheduler/identity/authenticator.h"
#include "scheduler/model/world.h"

namespace berth::scheduler {

class Front {
 public:
  struct Setup {
    World& world;
    AgentHub& agents;
    const ApiSettings& settings;
    std::function<ecs::ApiResult<Principal>(const http::Request&)> authenticate;
  };

  explicit Front(Setup setup) : setup_(std::move(setup)) {}

  /// The ECS API (X-Amz-Target), the query APIs (form bodies), and GET /health for probes.
  void Serve(const http::Request& request, http::Respond respond);

 private:
  http::Response ServeJson(const http::Request& request, const std::string& request_id);
  http::Response ServeForm(const http::Request& request, const std::string& request_id);
  void RespondOnceDurable(http::Response response, http::Respond respond,
                          std::function<http::Response(const Error&)> not_written);

  Setup setup_;
};

}  // namespace berth::scheduler
