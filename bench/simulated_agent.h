// SimulatedAgent: all of an agent that a scheduler sees, and none of the containers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/http/io_loop.h"
#include "bench/signed_api.h"
#include "ecs/wire/acs_message.h"
#include "ecs/wire/tcs_message.h"

namespace berth::bench {

/// Told on the loop; the same for all agents.
struct AgentEvents {
  std::function<void()> joined;  // registered, and both connections are open
  std::function<void(const std::string& task_arn)> running;  // reported, and the report answered
  std::function<void(const std::string& task_arn)> stopped;  // the same
  std::function<void()> heartbeat;                           // for orders or telemetry
  /// A connection has ended or something was refused, which should not happen.
  std::function<void(const std::string& what)> trouble;
};

/// Registers, asks where to connect, opens both connections; acknowledges heartbeats, payloads,
/// manifests and credentials; reports each task as RUNNING or STOPPED as soon as it is told of it;
/// sends metrics of its tasks every 20 s. Lives as long as the loop runs.
class SimulatedAgent {
 public:
  SimulatedAgent(http::IoLoop& loop, const Account& account, const AgentEvents& events)
      : loop_(loop), events_(events), api_(loop, account) {}
  SimulatedAgent(const SimulatedAgent&) = delete;
  SimulatedAgent& operator=(const SimulatedAgent&) = delete;

  void Join();

 private:
  void Discover();
  void ConnectForOrders();
  void ConnectForTelemetry();
  void Received(const std::string& frame);
  void Take(const ecs::wire::PayloadMessage& payload);
  void Report(const std::string& task_arn, const std::string& status);
  void Acknowledge(const std::string& message_id);
  void Send(const ecs::wire::AcsReply& reply);
  void PublishEvery();
  void Publish();
  void Watch(http::WebSocket& socket, const char* name);

  http::IoLoop& loop_;
  const AgentEvents& events_;
  SignedApi api_;
  std::string arn_;
  std::shared_ptr<http::WebSocket> orders_;
  SignedApi::Socket telemetry_;
  std::map<std::string, ecs::wire::TaskMetric> tasks_;  // that run, by ARN, with their metrics
  http::Timer publish_;
};

}  // namespace berth::bench
