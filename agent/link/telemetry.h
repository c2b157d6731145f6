// Telemetry: the connection on which this agent tells how its containers are doing (TCS).
//
// Source of the rules and figures: ecs-agent 1.105.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/engine/engine.h"
#include "agent/link/api.h"
#include "agent/link/backoff.h"
#include "agent/link/poll_endpoint.h"
#include "agent/stats/usage_book.h"
#include "base/http/websocket.h"
#include "ecs/wire/tcs_message.h"

namespace berth::agent::link {

class Telemetry {
 public:
  struct Setup {
    http::IoLoop& loop;
    Api& api;
    PollEndpoint& places;
    const engine::Engine& engine;
    stats::UsageBook& usage;
    std::string instance_arn;
  };

  explicit Telemetry(Setup setup) : setup_(std::move(setup)) {}

  void Start();
  /// The instance is inactive: nobody wants to hear of it. Start begins anew.
  void Stop();
  /// A heartbeat has asked for the host's health: it goes out with the next round.
  void WantStatus() { status_wanted_ = true; }

 private:
  void Connect();
  void Connected(std::shared_ptr<http::WebSocket> socket, const http::Url& url);
  void Ended(const http::WebSocketEnd& end);
  void StillAlive();
  void PublishEvery();
  void Publish();
  void PublishMetrics();
  void PublishHealth();
  void PublishStatus();
  void Send(const ecs::wire::TcsReport& report);

  Setup setup_;
  std::shared_ptr<http::WebSocket> socket_;
  http::Request handshake_;  // what frames are signed for
  bool running_ = false;
  bool status_wanted_ = false;
  Backoff backoff_{{.first = std::chrono::seconds(1), .most = std::chrono::minutes(1)}};
  http::Timer silence_;
  http::Timer renewal_;
  http::Timer publish_;
  http::Timer reconnect_;
};

}  // namespace berth::agent::link
