#include "bench/simulated_agent.h"

#include "base/text.h"
#include "ecs/api/agent.h"
#include "ecs/api/codec.h"
#include "ecs/api/container_instance.h"

namespace berth::bench {
namespace {

namespace api = ecs::api;
namespace wire = ecs::wire;

constexpr std::chrono::seconds kPublishEvery{20};  // ecs-agent
constexpr size_t kMostMetrics = 10;                // tasks a message
constexpr size_t kCapabilities = 28;               // about as many as berthd registers
constexpr const char* kCluster = "default";

api::RegisterContainerInstanceRequest Registration() {
  api::RegisterContainerInstanceRequest request = {.cluster = kCluster};
  request.totalResources = {
      {.name = "CPU", .type = "INTEGER", .integerValue = 16'384},
      {.name = "MEMORY", .type = "INTEGER", .integerValue = 65'536},
      {.name = "PORTS", .type = "STRINGSET", .stringSetValue = {"22", "51678", "51679"}},
      {.name = "PORTS_UDP", .type = "STRINGSET"}};
  for (size_t i = 0; i < kCapabilities; ++i) {
    request.attributes.push_back(
        {.name = fmt::format("com.amazonaws.ecs.capability.docker-remote-api.1.{}", 17 + i)});
  }
  request.attributes.push_back({.name = "ecs.os-type", .value = "linux"});
  request.attributes.push_back({.name = "ecs.cpu-architecture", .value = "x86_64"});
  return request;
}

wire::TaskMetric MetricOf(const wire::AcsTask& task) {
  const wire::StatsSet usage = {.min = 1.5, .max = 12.25, .sampleCount = 19, .sum = 105.75};
  wire::TaskMetric metric = {.taskArn = task.arn,
                             .clusterArn = task.taskClusterArn,
                             .taskDefinitionFamily = task.family,
                             .taskDefinitionVersion = task.version};
  for (const wire::AcsContainer& container : task.containers) {
    metric.containerMetrics.push_back({.containerName = container.name,
                                       .containerArn = container.containerArn,
                                       .cpuStatsSet = usage,
                                       .memoryStatsSet = usage});
  }
  return metric;
}

}  // namespace

void SimulatedAgent::Join() {
  api_.Call("RegisterContainerInstance", api::FormatBody(Registration()), [this](auto body) {
    if (!body) return events_.trouble(body.error().message());
    const auto answer = api::ParseBody<api::ContainerInstanceResponse>(*body);
    if (!answer) return events_.trouble(answer.error().message);
    arn_ = answer->containerInstance.containerInstanceArn;
    Discover();
  });
}

void SimulatedAgent::Discover() {
  api_.Call("DiscoverPollEndpoint",
            api::FormatBody(
                api::DiscoverPollEndpointRequest{.containerInstance = arn_, .cluster = kCluster}),
            [this](const auto& body) {
              if (!body) return events_.trouble(body.error().message());
              ConnectForOrders();
            });
}

void SimulatedAgent::ConnectForOrders() {
  api_.Connect("/acs/ws",
               {{"agentVersion", "1.105.0"},
                {"clusterArn", kCluster},
                {"containerInstanceArn", arn_},
                {"protocolVersion", "2"},
                {"sendCredentials", "true"},
                {"seqNum", "1"}},
               [this](auto connected) {
                 if (!connected) return events_.trouble(connected.error().message());
                 orders_ = std::move(connected->socket);
                 orders_->OnMessage([this](const std::string& frame) { Received(frame); });
                 Watch(*orders_, "orders");
                 ConnectForTelemetry();
               });
}

void SimulatedAgent::ConnectForTelemetry() {
  api_.Connect("/tcs/ws",
               {{"agentVersion", "1.105.0"}, {"cluster", kCluster}, {"containerInstance", arn_}},
               [this](auto connected) {
                 if (!connected) return events_.trouble(connected.error().message());
                 telemetry_ = *std::move(connected);
                 telemetry_.socket->OnMessage([this](const std::string& frame) {
                   const auto answer = wire::ParseTcsAnswer(frame);
                   if (!answer) return events_.trouble(answer.error().message());
                   if (std::holds_alternative<wire::HeartbeatMessage>(*answer)) events_.heartbeat();
                   const auto* notice = std::get_if<wire::ServiceNotice>(&*answer);
                   if (notice != nullptr) events_.trouble(notice->type + ": " + notice->message);
                 });
                 Watch(*telemetry_.socket, "telemetry");
                 Publish();
                 PublishEvery();
                 events_.joined();
               });
}

void SimulatedAgent::Watch(http::WebSocket& socket, const char* name) {
  socket.OnEnd([this, name](const http::WebSocketEnd& end) {
    events_.trouble(fmt::format("connection for {} ended: {} {}", name, end.code, end.reason));
  });
}

void SimulatedAgent::Received(const std::string& frame) {
  const auto order = wire::ParseAcsOrder(frame);
  if (!order) return events_.trouble(order.error().message());
  if (const auto* heartbeat = std::get_if<wire::HeartbeatMessage>(&*order)) {
    Send(wire::HeartbeatAckRequest{.messageId = heartbeat->messageId});
    events_.heartbeat();
  } else if (const auto* payload = std::get_if<wire::PayloadMessage>(&*order)) {
    Take(*payload);
  } else if (const auto* manifest = std::get_if<wire::TaskManifestMessage>(&*order)) {
    Acknowledge(manifest->messageId);
  } else if (const auto* fresh = std::get_if<wire::IAMRoleCredentialsMessage>(&*order)) {
    Send(wire::IAMRoleCredentialsAckRequest{.messageId = fresh->messageId,
                                            .credentialsId = fresh->roleCredentials.credentialsId,
                                            .expiration = fresh->roleCredentials.expiration});
  }
}

void SimulatedAgent::Take(const wire::PayloadMessage& payload) {
  for (const wire::AcsTask& task : payload.tasks) {
    if (!task.roleCredentials) continue;
    Send(wire::IAMRoleCredentialsAckRequest{.messageId = payload.messageId,
                                            .credentialsId = task.roleCredentials->credentialsId,
                                            .expiration = task.roleCredentials->expiration});
  }
  Acknowledge(payload.messageId);
  for (const wire::AcsTask& task : payload.tasks) {
    // Told twice is reported once.
    const bool stop = task.desiredStatus == "STOPPED";
    const bool news =
        stop ? tasks_.erase(task.arn) > 0 : tasks_.try_emplace(task.arn, MetricOf(task)).second;
    if (news) Report(task.arn, task.desiredStatus);
  }
}

void SimulatedAgent::Report(const std::string& task_arn, const std::string& status) {
  api::SubmitTaskStateChangeRequest report = {
      .cluster = kCluster, .task = task_arn, .status = status};
  api::ContainerStateChange container = {
      .containerName = "main", .runtimeId = RandomHex(32), .status = status};
  if (status == "STOPPED") container.exitCode = 0;
  report.containers = {std::move(container)};
  report.pullStartedAt = report.pullStoppedAt = Now();
  api_.Call("SubmitTaskStateChange", api::FormatBody(report),
            [this, task_arn, running = status == "RUNNING"](const auto& body) {
              if (!body) return events_.trouble(body.error().message());
              running ? events_.running(task_arn) : events_.stopped(task_arn);
            });
}

void SimulatedAgent::Acknowledge(const std::string& message_id) {
  Send(wire::AckRequest{.cluster = kCluster, .containerInstance = arn_, .messageId = message_id});
}

void SimulatedAgent::Send(const wire::AcsReply& reply) { orders_->Send(wire::FormatAcs(reply)); }

void SimulatedAgent::PublishEvery() {
  publish_ = loop_.After(kPublishEvery, [this] {
    Publish();
    PublishEvery();
  });
}

void SimulatedAgent::Publish() {
  wire::PublishMetricsRequest report = {.metadata = {.cluster = kCluster,
                                                     .containerInstance = arn_,
                                                     .idle = tasks_.empty(),
                                                     .messageId = RandomHex(16)},
                                        .timestamp = Now()};
  size_t left = tasks_.size();
  auto next = tasks_.begin();
  do {
    report.taskMetrics.clear();
    for (; next != tasks_.end() && report.taskMetrics.size() < kMostMetrics; ++next, --left) {
      report.taskMetrics.push_back(next->second);
    }
    report.metadata.fin = left == 0;
    telemetry_.socket->Send(api_.Frame(telemetry_.handshake, wire::FormatTcs(report)));
  } while (left > 0);
}

}  // namespace berth::bench
