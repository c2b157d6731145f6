// Orders: the connection on which the scheduler tells this agent what to do (ACS).
//
// Source of the rules and figures: ecs-agent 1.105.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agent/engine/engine.h"
#include "agent/engine/task_book.h"
#include "agent/link/api.h"
#include "agent/link/backoff.h"
#include "agent/link/poll_endpoint.h"
#include "agent/link/reporter.h"
#include "base/http/websocket.h"
#include "ecs/wire/acs_message.h"

namespace berth::agent::link {

class Orders {
 public:
  struct Setup {
    http::IoLoop& loop;
    Api& api;
    PollEndpoint& places;
    engine::Engine& engine;
    engine::TaskBook& book;
    Reporter& reporter;
    std::string instance_arn;
    /// A heartbeat came: instance health is looked at.
    std::function<void()> heartbeat;
    /// The scheduler no longer knows this instance, or does again.
    std::function<void(bool inactive)> inactive;
  };

  explicit Orders(Setup setup);

  /// Connects, and again whenever the connection ends.
  void Start();

 private:
  void Connect();
  void Answered(Result<http::WebSocketAnswer> answer);
  void Refused(const http::Response& refusal);
  void Connected(std::shared_ptr<http::WebSocket> socket);
  void Ended(const http::WebSocketEnd& end);
  void ReconnectIn(std::chrono::milliseconds delay);
  void StillAlive();

  void Received(const std::string& frame);
  void Take(const ecs::wire::HeartbeatMessage& message);
  void Take(const ecs::wire::PayloadMessage& message);
  void Take(const ecs::wire::TaskManifestMessage& message);
  void Take(const ecs::wire::TaskStopVerificationAck& message);
  void Take(const ecs::wire::IAMRoleCredentialsMessage& message);
  void Take(const ecs::wire::AttachTaskNetworkInterfacesMessage& message);
  void Take(const ecs::wire::AttachInstanceNetworkInterfacesMessage& message);
  void Take(const ecs::wire::PerformUpdateMessage& message);
  void Take(const ecs::wire::ServiceNotice& message);
  void Take(const ecs::wire::UnknownMessage& message);

  bool TakeTask(const ecs::wire::AcsTask& task);
  void Acknowledge(const std::string& cluster_arn, const std::string& message_id);
  void AcknowledgeCredentials(const std::string& message_id,
                              const ecs::wire::RoleCredentials& credentials);
  void Send(const ecs::wire::AcsReply& reply);
  int64_t Sequence();
  void RaiseSequence(int64_t number);

  Setup setup_;
  std::shared_ptr<http::WebSocket> socket_;
  std::string manifest_id_;  // whose verified stops are still to come
  bool ever_connected_ = false;
  bool has_settled_ = false;  // the connection has lasted for a while
  Backoff backoff_{
      {.first = std::chrono::milliseconds(250), .most = std::chrono::minutes(2), .factor = 1.5}};
  http::Timer silence_;
  http::Timer renewal_;
  http::Timer reconnect_;
  http::Timer settled_;
};

}  // namespace berth::agent::link
