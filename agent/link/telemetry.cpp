#include "agent/link/telemetry.h"

#include "agent/engine/order.h"
#include "base/log.h"
#include "base/text.h"

namespace berth::agent::link {
namespace {

namespace wire = ecs::wire;
using namespace std::chrono_literals;

constexpr auto kPublishEvery = 20s;
constexpr size_t kMostTasks = 10;  // a message

std::string_view NameOf(shim::Health health) { return shim::Name(health); }

wire::TaskHealth HealthOf(const engine::EngineTask& task) {
  const wire::AcsTask& order = task.state.booked.order;
  wire::TaskHealth health = {.taskArn = order.arn,
                             .clusterArn = order.taskClusterArn,
                             .taskDefinitionFamily = order.family,
                             .taskDefinitionVersion = order.version};
  if (!task.state.view) return health;
  for (const ContainerView& container : task.state.view->containers) {
    if (!container.health || container.status != shim::Status::kRunning) continue;
    health.containers.push_back({.containerName = container.name,
                                 .healthStatus = std::string(NameOf(*container.health)),
                                 .statusSince = container.started});
  }
  return health;
}

// `all` in messages of up to ten tasks; the last one says that it is.
template <typename Task, typename SendPart>
void InParts(const std::vector<Task>& all, const SendPart& send_part) {
  size_t at = 0;
  do {
    const size_t end = std::min(at + kMostTasks, all.size());
    send_part(std::vector<Task>(all.begin() + static_cast<std::ptrdiff_t>(at),
                                all.begin() + static_cast<std::ptrdiff_t>(end)),
              end == all.size());
    at = end;
  } while (at < all.size());
}

}  // namespace

void Telemetry::Start() {
  if (running_) return;
  running_ = true;
  Connect();
}

void Telemetry::Stop() {
  running_ = false;
  reconnect_.Cancel();
  if (socket_) socket_->Close(1000, "");
}

void Telemetry::Connect() {
  setup_.places.Find([this](const auto& places) {
    if (!running_) return;
    const auto url =
        places ? WebSocketUrl(places->telemetry, {{"agentHash", "berth"},
                                                  {"agentVersion", BERTH_VERSION},
                                                  {"cluster", setup_.api.settings().cluster},
                                                  {"containerInstance", setup_.instance_arn}})
               : Result<http::Url>(MakeError("{}", places.error().Text()));
    if (!url) {
      reconnect_ = setup_.loop.After(backoff_.Next(), [this] { Connect(); });
      return;
    }
    setup_.api.Connect(*url, [this, url = *url](Result<http::WebSocketAnswer> answer) {
      if (answer && answer->socket && running_) return Connected(answer->socket, url);
      if (!running_) return;
      log::Info("connect for telemetry: {}",
                answer ? std::to_string(answer->refusal.status) : answer.error().message());
      reconnect_ = setup_.loop.After(backoff_.Next(), [this] { Connect(); });
    });
  });
}

void Telemetry::Connected(std::shared_ptr<http::WebSocket> socket, const http::Url& url) {
  socket_ = std::move(socket);
  handshake_ = Api::HandshakeOf(url);
  socket_->OnMessage([this](const std::string& frame) {
    // Heartbeats and acknowledgments: all they say is that somebody is there.
    StillAlive();
    const auto answer = wire::ParseTcsAnswer(frame);
    const auto* notice = answer ? std::get_if<wire::ServiceNotice>(&*answer) : nullptr;
    if (notice != nullptr) log::Info("telemetry: {}: {}", notice->type, notice->message);
    backoff_.Reset();
  });
  socket_->OnEnd([this](const http::WebSocketEnd& end) { Ended(end); });
  StillAlive();
  renewal_ = setup_.loop.After(RandomTime(30min, 35min), [this] {
    if (socket_) socket_->Close(1000, "ConnectionExpired: Reconnect to continue");
  });
  Publish();
  PublishEvery();
}

void Telemetry::Ended(const http::WebSocketEnd& end) {
  log::Info("connection for telemetry ended: {} {}", end.code, end.reason);
  socket_.reset();
  for (http::Timer* timer : {&silence_, &renewal_, &publish_}) timer->Cancel();
  if (!running_) return;
  const auto delay = end.code == 1000 || end.code == 1001 ? 0ms : backoff_.Next();
  reconnect_ = setup_.loop.After(delay, [this] { Connect(); });
}

void Telemetry::StillAlive() {
  silence_ = setup_.loop.After(RandomTime(60s, 120s), [this] {
    if (socket_) socket_->Drop();
  });
}

void Telemetry::PublishEvery() {
  publish_ = setup_.loop.After(kPublishEvery, [this] {
    Publish();
    PublishEvery();
  });
}

void Telemetry::Publish() {
  PublishMetrics();
  PublishHealth();
  if (std::exchange(status_wanted_, false)) PublishStatus();
}

void Telemetry::PublishMetrics() {
  std::vector<wire::TaskMetric> metrics;
  for (const engine::EngineTask* task : setup_.engine.Tasks()) {
    if (!task->state.view || task->state.released) continue;
    const wire::AcsTask& order = task->state.booked.order;
    wire::TaskMetric metric = {.taskArn = order.arn,
                               .clusterArn = order.taskClusterArn,
                               .taskDefinitionFamily = order.family,
                               .taskDefinitionVersion = order.version};
    for (const wire::AcsContainer& container : order.containers) {
      stats::UsageHistory* history =
          setup_.usage.Find(engine::RuntimeIdOf(task->state.booked.id, container.name));
      auto taken = history == nullptr ? std::nullopt : history->TakeMetric();
      if (!taken) continue;
      taken->containerName = container.name;
      taken->containerArn = container.containerArn;
      metric.containerMetrics.push_back(*std::move(taken));
    }
    if (!metric.containerMetrics.empty()) metrics.push_back(std::move(metric));
  }
  const std::string id = RandomHex(16);
  InParts(metrics, [&](std::vector<wire::TaskMetric> part, bool last) {
    Send(wire::PublishMetricsRequest{.metadata = {.cluster = setup_.api.settings().cluster,
                                                  .containerInstance = setup_.instance_arn,
                                                  .idle = metrics.empty(),
                                                  .fin = last,
                                                  .messageId = id},
                                     .taskMetrics = std::move(part),
                                     .timestamp = Now()});
  });
}

void Telemetry::PublishHealth() {
  std::vector<wire::TaskHealth> tasks;
  for (const engine::EngineTask* task : setup_.engine.Tasks()) {
    wire::TaskHealth health = HealthOf(*task);
    if (!health.containers.empty()) tasks.push_back(std::move(health));
  }
  if (tasks.empty()) return;
  const std::string id = RandomHex(16);
  InParts(tasks, [&](std::vector<wire::TaskHealth> part, bool last) {
    Send(wire::PublishHealthRequest{.metadata = {.cluster = setup_.api.settings().cluster,
                                                 .containerInstance = setup_.instance_arn,
                                                 .fin = last,
                                                 .messageId = id},
                                    .tasks = std::move(part),
                                    .timestamp = Now()});
  });
}

void Telemetry::PublishStatus() {
  const WallTime now = Now();
  Send(wire::PublishInstanceStatusRequest{
      .metadata = {.cluster = setup_.api.settings().cluster,
                   .containerInstance = setup_.instance_arn,
                   .requestId = RandomHex(16)},
      // The runtime is this very program and its shims: it is there if this is said.
      .statuses = {{.type = "ContainerRuntime",
                    .status = "OK",
                    .lastUpdated = now,
                    .lastStatusChange = now}},
      .timestamp = now});
}

void Telemetry::Send(const wire::TcsReport& report) {
  if (!socket_) return;
  const LinkSettings& settings = setup_.api.settings();
  const std::string payload = wire::FormatTcs(report);
  const std::string block =
      ecs::SignFrame(handshake_, payload, settings.credentials, {.region = settings.region}, Now());
  socket_->Send(block + payload);
}

}  // namespace berth::agent::link
