#include "scheduler/agents/tcs_session.h"

#include <algorithm>

#include "base/log.h"
#include "ecs/api/names.h"
#include "scheduler/model/arns.h"

namespace berth::scheduler {
namespace {

namespace wire = ecs::wire;
using ecs::api::HealthStatus;

// A task's health: the worst of its containers' that have health checks.
std::optional<HealthStatus> WorstOf(const ecs::api::Task& task) {
  std::optional<HealthStatus> worst;
  constexpr auto kRank = [](HealthStatus status) {
    return status == HealthStatus::kUnhealthy ? 2 : status == HealthStatus::kUnknown ? 1 : 0;
  };
  for (const ecs::api::Container& container : task.containers) {
    if (!container.healthStatus) continue;
    if (!worst || kRank(*container.healthStatus) > kRank(*worst)) worst = container.healthStatus;
  }
  return worst;
}

void Apply(ecs::api::Task& task, const wire::TaskHealth& report) {
  for (const wire::ContainerHealth& health : report.containers) {
    for (ecs::api::Container& container : task.containers) {
      if (container.name != health.containerName || !container.healthStatus) continue;
      if (const auto status = ecs::FromName<HealthStatus>(health.healthStatus)) {
        container.healthStatus = status;
      }
    }
  }
  task.healthStatus = WorstOf(task);
}

// What an instance's record is to hold of what an agent says.
constexpr size_t kMostStatuses = 10;
constexpr size_t kMostText = 64;

// Whatever the times.
bool SameStatuses(const ecs::api::ContainerInstanceHealthStatus& a,
                  const ecs::api::ContainerInstanceHealthStatus& b) {
  return a.overallStatus == b.overallStatus &&
         std::equal(a.details.begin(), a.details.end(), b.details.begin(), b.details.end(),
                    [](const auto& one, const auto& other) {
                      return one.type == other.type && one.status == other.status;
                    });
}

}  // namespace

void TcsSession::Start(std::function<void()> ended) {
  ended_ = std::move(ended);
  setup_.socket->OnMessage(
      [self = shared_from_this()](const std::string& frame) { self->Received(frame); });
  setup_.socket->OnEnd([self = shared_from_this()](const http::WebSocketEnd&) {
    self->open_ = false;
    self->heartbeat_.Cancel();
    if (self->ended_) std::exchange(self->ended_, nullptr)();
  });
  Beat();
}

void TcsSession::Close(std::string_view reason) {
  if (open_) setup_.socket->Close(1000, reason);
}

void TcsSession::Beat() {
  heartbeat_ = setup_.loop.After(setup_.heartbeat, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || !self->open_) return;
    self->Answer(wire::HeartbeatMessage{.healthy = true});
    self->Beat();
  });
}

void TcsSession::Answer(const wire::TcsAnswer& answer) {
  if (open_) setup_.socket->Send(wire::FormatTcs(answer));
}

void TcsSession::Received(const std::string& frame) {
  const auto payload = setup_.open_frame(frame);
  if (!payload) {
    // Somebody else's words on this connection, or a clock that went wrong: it has to begin anew.
    log::Warning("telemetry of {}: {}", setup_.instance_key, payload.error().message);
    Answer(wire::ServiceNotice{.type = "BadRequestException", .message = payload.error().message});
    setup_.socket->Close(1008, payload.error().code);
    return;
  }
  const auto report = wire::ParseTcsReport(*payload);
  if (!report) {
    Answer(wire::ServiceNotice{.type = "BadRequestException", .message = report.error().message()});
    return;
  }
  if (const auto* metrics = std::get_if<wire::PublishMetricsRequest>(&*report)) {
    TakeMetrics(*metrics);
  } else if (const auto* health = std::get_if<wire::PublishHealthRequest>(&*report)) {
    TakeHealth(*health);
  } else if (const auto* status = std::get_if<wire::PublishInstanceStatusRequest>(&*report)) {
    TakeStatus(*status);
  }
  setup_.world.ledger().Seal();
}

// An agent tells of its own tasks alone.
std::optional<std::string> TcsSession::OwnTask(const std::string& arn) const {
  const InstanceRecord* instance = setup_.world.instances().Find(setup_.instance_key);
  if (instance == nullptr) return std::nullopt;
  std::string key = World::Key(instance->cluster, LastPart(arn));
  if (!setup_.world.TasksOn(setup_.instance_key).contains(key)) return std::nullopt;
  return key;
}

// What is done with metrics comes with service autoscaling; the last ones of each task are kept.
void TcsSession::TakeMetrics(const wire::PublishMetricsRequest& report) {
  for (const wire::TaskMetric& metric : report.taskMetrics) {
    if (const auto key = OwnTask(metric.taskArn)) setup_.world.PutMetrics(*key, metric);
  }
  Answer(wire::AckPublishMetric{.message = "ok"});
}

void TcsSession::TakeHealth(const wire::PublishHealthRequest& report) {
  for (const wire::TaskHealth& health : report.tasks) {
    const auto key = OwnTask(health.taskArn);
    if (!key) continue;
    TaskRecord record = *setup_.world.tasks().Find(*key);
    const ecs::api::Task before = record.task;
    Apply(record.task, health);
    if (!(record.task == before)) setup_.world.PutTask(std::move(record));
  }
  Answer(wire::AckPublishHealth{.message = "ok"});
}

void TcsSession::TakeStatus(const wire::PublishInstanceStatusRequest& report) {
  const InstanceRecord* known = setup_.world.instances().Find(setup_.instance_key);
  if (known != nullptr) {
    InstanceRecord record = *known;
    ecs::api::ContainerInstanceHealthStatus health = {.overallStatus = "OK"};
    for (const wire::InstanceStatus& status : report.statuses) {
      if (health.details.size() == kMostStatuses) break;
      if (status.status.size() > kMostText || status.type.size() > kMostText) continue;
      if (status.status != "OK") health.overallStatus = status.status;
      health.details.push_back(
          {.type = status.type == "ContainerRuntime" ? "CONTAINER_RUNTIME" : status.type,
           .status = status.status,
           .lastUpdated = status.lastUpdated,
           .lastStatusChange = status.lastStatusChange});
    }
    const auto& before = record.instance.healthStatus;
    // Not every report is worth a write: only one that changes the state.
    const bool same = before && SameStatuses(*before, health);
    record.instance.healthStatus = std::move(health);
    if (!same) setup_.world.PutInstance(std::move(record));
  }
  Answer(wire::AckPublishInstanceStatus{.message = "ok"});
}

}  // namespace berth::scheduler
