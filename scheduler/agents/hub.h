// AgentHub: the connections of all agents.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/http/server.h"
#include "scheduler/agents/acs_session.h"
#include "scheduler/agents/tcs_session.h"
#include "scheduler/identity/authenticator.h"

namespace berth::scheduler {

class AgentHub {
 public:
  struct Setup {
    http::IoLoop& loop;
    World& world;
    const PayloadBuilder& payloads;
    SessionTimes times;
    /// Who signed this, if the signature is right.
    std::function<ecs::ApiResult<Principal>(const http::Request&)> authenticate;
  };

  explicit AgentHub(Setup setup) : setup_(std::move(setup)) {}

  /// A handshake on /acs/ws or /tcs/ws: accepted, or refused with what agents understand: an
  /// envelope of InactiveInstanceException, AccessDeniedException, ... as the body.
  void Connect(const http::Request& request, std::shared_ptr<http::Upgrade> upgrade);

  /// Tells the agents of instances that were touched since the last time what is due. To be called
  /// after whatever may have changed the world.
  void TellWhatIsDue();

  size_t connected() const { return orders_.size(); }

 private:
  struct Hello;
  ecs::ApiResult<Hello> Check(const http::Request& request) const;
  void AcceptOrders(const Hello& hello, const std::shared_ptr<http::Upgrade>& upgrade);
  void AcceptTelemetry(const Hello& hello, const http::Request& request,
                       const std::shared_ptr<http::Upgrade>& upgrade);

  Setup setup_;
  std::map<std::string, std::shared_ptr<AcsSession>> orders_;  // by key of the instance
  std::map<std::string, std::shared_ptr<TcsSession>> telemetry_;
};

}  // namespace berth::scheduler
