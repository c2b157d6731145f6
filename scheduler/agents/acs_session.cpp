#include "scheduler/agents/acs_session.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "scheduler/model/ids.h"
#include "scheduler/model/task_changes.h"
#include "scheduler/network/interfaces.h"

namespace berth::scheduler {
namespace {

namespace wire = ecs::wire;
using std::chrono::steady_clock;

int64_t Milliseconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

AcsSession::AcsSession(Setup setup) : setup_(std::move(setup)) {}

const InstanceRecord* AcsSession::Instance() const {
  return setup_.world.instances().Find(setup_.instance_key);
}

void AcsSession::Start(std::function<void()> ended) {
  ended_ = std::move(ended);
  setup_.socket->OnMessage(
      [self = shared_from_this()](const std::string& frame) { self->Received(frame); });
  setup_.socket->OnEnd([self = shared_from_this()](const http::WebSocketEnd&) {
    self->open_ = false;
    self->heartbeat_.Cancel();
    self->resend_.Cancel();
    if (self->ended_) std::exchange(self->ended_, nullptr)();
  });
  if (setup_.send_credentials) {
    for (const std::string& key : setup_.world.TasksOn(setup_.instance_key)) {
      const TaskRecord* record = setup_.world.tasks().Find(key);
      if (!record->delivered || record->task.desiredStatus == "STOPPED") continue;
      for (const RoleKind kind : {RoleKind::kTask, RoleKind::kExecution}) {
        SendCredentials(key, kind);
      }
    }
  }
  SendManifest();
  Reconcile();
  Beat();
  Resend();
}

void AcsSession::Close(std::string_view reason) {
  if (open_) setup_.socket->Close(1000, reason);
}

// What is sent may tell of changes that are not durable yet, its own number among them.
void AcsSession::Send(const std::string& message_id, wire::AcsOrder order, InFlight in_flight) {
  in_flight.sent = steady_clock::now();
  in_flight_[message_id] = std::move(in_flight);
  setup_.world.ledger().WhenDurable(
      [weak = weak_from_this(), frame = wire::FormatAcs(order)](Result<void> durable) {
        const auto self = weak.lock();
        if (self && self->open_ && durable) self->setup_.socket->Send(frame);
      });
}

void AcsSession::Reconcile() {
  if (!open_ || Instance() == nullptr) return;
  const Due due = WhatIsDue(setup_.world, setup_.instance_key, told_, Now(), setup_.times.renewal);
  if (due.Empty()) return;
  for (const std::string& key : due.attachments) SendAttachment(key);
  SendPayload(due);
  for (const std::string& key : due.credentials) {
    told_.credentials.insert(key);
    for (const RoleKind kind : {RoleKind::kTask, RoleKind::kExecution}) SendCredentials(key, kind);
  }
}

void AcsSession::SendAttachment(const std::string& task_key) {
  const TaskRecord* record = setup_.world.tasks().Find(task_key);
  const InterfaceRecord* interface = setup_.world.interfaces().Find(record->interface_id);
  if (interface == nullptr) return;
  const std::string id = RandomUuid();
  told_.attachments.insert(task_key);
  Send(id,
       wire::AttachTaskNetworkInterfacesMessage{
           .clusterArn = record->task.clusterArn,
           .containerInstanceArn = Instance()->instance.containerInstanceArn,
           .messageId = id,
           .taskArn = record->task.taskArn,
           .taskClusterArn = record->task.clusterArn,
           .generatedAt = Milliseconds(Now()),
           .waitTimeoutMs = setup_.times.attachment_wait.count(),
           .elasticNetworkInterfaces = {ToWire(setup_.world, *interface)}},
       {.kind = Kind::kAttachment, .starts = {task_key}});
}

void AcsSession::SendPayload(const Due& due) {
  if (due.starts.empty() && due.stops.empty()) return;
  const std::string id = RandomUuid();
  wire::PayloadMessage payload = {.messageId = id, .generatedAt = Milliseconds(Now())};
  InFlight in_flight = {.kind = Kind::kPayload};
  const auto add = [&](const std::string& key, std::vector<std::string>& list) {
    const TaskRecord* record = setup_.world.tasks().Find(key);
    auto task = setup_.payloads.Task(*record, Now());
    if (!task) {
      TaskRecord failed = *record;
      failed.task.stopCode = ecs::api::TaskStopCode::kTaskFailedToStart;
      failed.task.stoppedReason = task.error().message();
      EndTask(setup_.world, std::move(failed), Now());
      return;
    }
    payload.clusterArn = record->task.clusterArn;
    for (const auto& credentials : {task->roleCredentials, task->executionRoleCredentials}) {
      if (!credentials) continue;
      in_flight.credentials_expire = ParseTime(credentials->expiration).ValueOr(WallTime());
    }
    payload.tasks.push_back(std::move(*task));
    list.push_back(key);
  };
  // Stops first, so that what they free is there for the starts.
  for (const std::string& key : due.stops) add(key, in_flight.stops);
  for (const std::string& key : due.starts) add(key, in_flight.starts);
  if (payload.tasks.empty()) return;
  payload.containerInstanceArn = Instance()->instance.containerInstanceArn;
  payload.seqNum = setup_.world.NextSequence(setup_.instance_key);
  told_.stops.insert(in_flight.stops.begin(), in_flight.stops.end());
  told_.starts.insert(in_flight.starts.begin(), in_flight.starts.end());
  Send(id, std::move(payload), std::move(in_flight));
}

void AcsSession::SendCredentials(const std::string& task_key, RoleKind kind) {
  const TaskRecord* record = setup_.world.tasks().Find(task_key);
  const auto minted = setup_.payloads.Credentials(*record, kind, Now());
  if (!minted) return;
  const std::string id = RandomUuid();
  Send(
      id,
      wire::IAMRoleCredentialsMessage{.messageId = id,
                                      .taskArn = record->task.taskArn,
                                      .taskClusterArn = record->task.clusterArn,
                                      .roleType = std::string(WireName(kind)),
                                      .roleCredentials = minted->wire},
      {.kind = Kind::kCredentials, .starts = {task_key}, .credentials_expire = minted->expiration});
}

void AcsSession::SendManifest() {
  const InstanceRecord* instance = Instance();
  if (instance == nullptr) return;
  manifest_id_ = RandomUuid();
  const int64_t timeline = setup_.world.NextSequence(setup_.instance_key);
  Send(manifest_id_,
       wire::TaskManifestMessage{
           .clusterArn = Arns(setup_.world.identity()).Cluster(instance->cluster),
           .containerInstanceArn = instance->instance.containerInstanceArn,
           .messageId = manifest_id_,
           .generatedAt = Milliseconds(Now()),
           .timeline = timeline,
           .tasks = setup_.payloads.Manifest(setup_.instance_key)},
       {.kind = Kind::kManifest});
}

void AcsSession::Beat() {
  heartbeat_ = setup_.loop.After(setup_.times.heartbeat, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || !self->open_) return;
    if (self->unanswered_heartbeats_ >= self->setup_.times.missed_heartbeats) {
      log::Info("agent of {} answers no heartbeats", self->setup_.instance_key);
      self->setup_.socket->Drop();
      return;
    }
    ++self->unanswered_heartbeats_;
    self->setup_.socket->Send(wire::FormatAcs(
        wire::AcsOrder(wire::HeartbeatMessage{.healthy = true, .messageId = RandomUuid()})));
    self->Beat();
  });
}

void AcsSession::Resend() {
  resend_ = setup_.loop.After(setup_.times.resend, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || !self->open_) return;
    const auto before = steady_clock::now() - self->setup_.times.resend;
    for (auto each = self->in_flight_.begin(); each != self->in_flight_.end();) {
      // A manifest that was ignored was older than what the agent knows; the next connection has
      // another.
      const bool overdue = each->second.sent < before && each->second.kind != Kind::kManifest;
      if (overdue) self->Forget(each->second);
      each = overdue ? self->in_flight_.erase(each) : std::next(each);
    }
    self->Reconcile();
    self->setup_.world.ledger().Seal();
    self->Resend();
  });
}

// It counts as not told, so it is due again.
void AcsSession::Forget(const InFlight& in_flight) {
  for (const std::string& key : in_flight.stops) told_.stops.erase(key);
  for (const std::string& key : in_flight.starts) {
    if (in_flight.kind == Kind::kAttachment) told_.attachments.erase(key);
    if (in_flight.kind == Kind::kPayload) told_.starts.erase(key);
    if (in_flight.kind == Kind::kCredentials) told_.credentials.erase(key);
  }
}

void AcsSession::Received(const std::string& frame) {
  const auto reply = wire::ParseAcsReply(frame);
  if (!reply) {
    log::Warning("agent of {}: {}", setup_.instance_key, reply.error().message());
    return;
  }
  std::visit(
      Overloaded{
          [&](const wire::AckRequest& ack) { Acknowledged(ack.messageId); },
          [&](const wire::NackRequest& nack) {
            log::Warning("agent of {} refuses {}: {}", setup_.instance_key, nack.messageId,
                         nack.reason);
          },
          [&](const wire::HeartbeatAckRequest&) { unanswered_heartbeats_ = 0; },
          [&](const wire::IAMRoleCredentialsAckRequest& ack) { CredentialsAcknowledged(ack); },
          [&](const wire::TaskStopVerificationMessage& message) { VerifyStops(message); },
          [&](const wire::UnknownMessage& unknown) {
            log::Info("agent of {}: message of unknown type {}", setup_.instance_key, unknown.type);
          }},
      *reply);
  setup_.world.ledger().Seal();
}

void AcsSession::Acknowledged(const std::string& message_id) {
  const auto found = in_flight_.find(message_id);
  if (found == in_flight_.end()) return;  // late, or of another connection
  const InFlight acknowledged = std::move(found->second);
  in_flight_.erase(found);
  if (acknowledged.kind != Kind::kPayload) return;
  for (const std::string& key : acknowledged.starts) {
    told_.starts.erase(key);
    const TaskRecord* record = setup_.world.tasks().Find(key);
    if (record == nullptr || record->task.desiredStatus == "STOPPED") continue;
    TaskRecord delivered = *record;
    delivered.delivered = true;
    // Its credentials came with it. That they are there is told apart, which may get lost.
    const bool has_role =
        !record->role_credentials_id.empty() || !record->execution_role_credentials_id.empty();
    if (has_role && !delivered.credentials_expire &&
        acknowledged.credentials_expire != WallTime()) {
      delivered.credentials_expire = acknowledged.credentials_expire;
    }
    setup_.world.PutTask(std::move(delivered));
  }
}

void AcsSession::CredentialsAcknowledged(const wire::IAMRoleCredentialsAckRequest& ack) {
  // One that came with a payload has the payload's id.
  const auto found = in_flight_.find(ack.messageId);
  const bool alone = found != in_flight_.end() && found->second.kind == Kind::kCredentials;
  const auto expire = ParseTime(ack.expiration);
  for (const std::string& key : setup_.world.TasksOn(setup_.instance_key)) {
    const TaskRecord* record = setup_.world.tasks().Find(key);
    const bool own = record->role_credentials_id == ack.credentialsId ||
                     record->execution_role_credentials_id == ack.credentialsId;
    if (!own || ack.credentialsId.empty()) continue;
    // A task may have two roles, whose credentials come apart: the task has new ones once both have
    // been acknowledged.
    if (alone && AwaitsCredentials(key, ack.messageId)) break;
    told_.credentials.erase(key);
    if (!expire || record->credentials_expire == *expire) break;
    TaskRecord renewed = *record;
    renewed.credentials_expire = *expire;
    setup_.world.PutTask(std::move(renewed));
    break;
  }
  if (alone) in_flight_.erase(found);
}

bool AcsSession::AwaitsCredentials(const std::string& task_key, const std::string& besides) const {
  return std::any_of(in_flight_.begin(), in_flight_.end(), [&](const auto& each) {
    const InFlight& in_flight = each.second;
    return each.first != besides && in_flight.kind == Kind::kCredentials &&
           in_flight.starts.front() == task_key;
  });
}

// The agent has tasks that the manifest does not name. Those that nobody here wants are to stop.
void AcsSession::VerifyStops(const wire::TaskStopVerificationMessage& message) {
  const InstanceRecord* instance = Instance();
  if (instance == nullptr || message.messageId.empty() || message.messageId != manifest_id_) return;
  manifest_id_.clear();
  wire::TaskStopVerificationAck answer = {.messageId = message.messageId,
                                          .generatedAt = Milliseconds(Now())};
  for (const wire::TaskIdentifier& candidate : message.stopCandidates) {
    const std::string key = World::Key(instance->cluster, LastPart(candidate.taskArn));
    const TaskRecord* record = setup_.world.tasks().Find(key);
    const bool wanted = record != nullptr && record->task.desiredStatus != "STOPPED" &&
                        record->task.lastStatus != "STOPPED" &&
                        World::Key(record->cluster, record->instance) == setup_.instance_key;
    if (wanted) continue;
    answer.stopTasks.push_back({.desiredStatus = "STOPPED",
                                .taskArn = candidate.taskArn,
                                .taskClusterArn = candidate.taskClusterArn});
  }
  // That a task is not wanted may not be durable yet.
  setup_.world.ledger().WhenDurable(
      [weak = weak_from_this(),
       frame = wire::FormatAcs(wire::AcsOrder(std::move(answer)))](Result<void> durable) {
        const auto self = weak.lock();
        if (self && self->open_ && durable) self->setup_.socket->Send(frame);
      });
}

}  // namespace berth::scheduler
