#include "agent/link/orders.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"

namespace berth::agent::link {
namespace {

namespace wire = ecs::wire;
using namespace std::chrono_literals;

constexpr const char* kSequence = "sequence-number";
constexpr std::chrono::hours kInactiveWait{1};

bool EndedOrderly(uint16_t code) {
  return code == 1000 || code == 1001 || code == 1006 || code == 1011;
}

}  // namespace

Orders::Orders(Setup setup) : setup_(std::move(setup)) {}

void Orders::Start() { Connect(); }

void Orders::Connect() {
  setup_.places.Find([this](const auto& places) {
    if (!places) {
      log::Warning("discover the poll endpoint: {}", places.error().Text());
      return ReconnectIn(backoff_.Next());
    }
    const auto url = WebSocketUrl(
        places->orders, {{"agentHash", "berth"},
                         {"agentVersion", BERTH_VERSION},
                         {"clusterArn", setup_.api.settings().cluster},
                         {"containerInstanceArn", setup_.instance_arn},
                         {"protocolVersion", "2"},
                         // All tasks' credentials, once after each start: they are on no disk.
                         {"sendCredentials", ever_connected_ ? "false" : "true"},
                         {"seqNum", "1"}});
    if (!url) {
      log::Warning("the poll endpoint {}: {}", places->orders, url.error().message());
      return ReconnectIn(backoff_.Next());
    }
    setup_.api.Connect(*url, [this](auto answer) { Answered(std::move(answer)); });
  });
}

void Orders::Answered(Result<http::WebSocketAnswer> answer) {
  if (!answer) {
    log::Info("connect for orders: {}", answer.error().message());
    return ReconnectIn(backoff_.Next());
  }
  if (!answer->socket) return Refused(answer->refusal);
  Connected(std::move(answer->socket));
}

void Orders::Refused(const http::Response& refusal) {
  const auto order = wire::ParseAcsOrder(refusal.body);
  const auto* notice = order ? std::get_if<wire::ServiceNotice>(&*order) : nullptr;
  log::Warning("connect for orders: refused: {}", notice == nullptr
                                                      ? std::to_string(refusal.status)
                                                      : notice->type + ": " + notice->message);
  if (notice != nullptr && notice->type == "InactiveInstanceException") {
    setup_.inactive(true);
    return ReconnectIn(kInactiveWait);
  }
  ReconnectIn(backoff_.Next());
}

void Orders::Connected(std::shared_ptr<http::WebSocket> socket) {
  log::Info("connected for orders");
  ever_connected_ = true;
  setup_.inactive(false);
  setup_.reporter.TryNow();
  socket_ = std::move(socket);
  socket_->OnMessage([this](const std::string& frame) { Received(frame); });
  socket_->OnEnd([this](const http::WebSocketEnd& end) { Ended(end); });
  StillAlive();
  renewal_ = setup_.loop.After(RandomTime(30min, 35min), [this] {
    if (socket_) socket_->Close(1000, "ConnectionExpired: Reconnect to continue");
  });
  has_settled_ = false;
  settled_ = setup_.loop.After(RandomTime(60s, 120s), [this] {
    has_settled_ = true;
    backoff_.Reset();
  });
}

void Orders::Ended(const http::WebSocketEnd& end) {
  log::Info("connection for orders ended: {} {}", end.code, end.reason);
  socket_.reset();
  for (http::Timer* timer : {&silence_, &renewal_, &settled_}) timer->Cancel();
  // At once, but not in circles if the server hangs up each time.
  const bool at_once = has_settled_ && EndedOrderly(end.code) && end.code != 1006;
  ReconnectIn(at_once ? 0ms : backoff_.Next());
}

void Orders::ReconnectIn(std::chrono::milliseconds delay) {
  reconnect_ = setup_.loop.After(delay, [this] { Connect(); });
}

// The scheduler says something at least once a minute.
void Orders::StillAlive() {
  silence_ = setup_.loop.After(RandomTime(60s, 120s), [this] {
    log::Warning("the scheduler is silent; connecting anew");
    if (socket_) socket_->Drop();
  });
}

void Orders::Send(const wire::AcsReply& reply) {
  if (socket_) socket_->Send(wire::FormatAcs(reply));
}

void Orders::Acknowledge(const std::string& cluster_arn, const std::string& message_id) {
  Send(wire::AckRequest{
      .cluster = cluster_arn, .containerInstance = setup_.instance_arn, .messageId = message_id});
}

void Orders::AcknowledgeCredentials(const std::string& message_id,
                                    const wire::RoleCredentials& credentials) {
  Send(wire::IAMRoleCredentialsAckRequest{.messageId = message_id,
                                          .credentialsId = credentials.credentialsId,
                                          .expiration = credentials.expiration});
}

void Orders::Received(const std::string& frame) {
  StillAlive();
  const auto order = wire::ParseAcsOrder(frame);
  if (!order) {
    log::Warning("an order that can't be read: {}", order.error().message());
    return;
  }
  std::visit([this](const auto& message) { Take(message); }, *order);
}

void Orders::Take(const wire::HeartbeatMessage& message) {
  Send(wire::HeartbeatAckRequest{.messageId = message.messageId});
  setup_.heartbeat();
}

void Orders::Take(const wire::PayloadMessage& message) {
  if (message.messageId.empty() || message.clusterArn.empty() ||
      message.containerInstanceArn.empty()) {
    log::Warning("a payload without its cluster, instance or id is dropped");
    return;
  }
  // Stops first: what they free is there for the starts.
  bool all = true;
  for (const char* status : {"STOPPED", "RUNNING"}) {
    for (const wire::AcsTask& task : message.tasks) {
      if (task.desiredStatus == status) all = TakeTask(task) && all;
    }
  }
  for (const wire::AcsTask& task : message.tasks) {
    if (task.desiredStatus == "STOPPED") continue;
    for (const auto& credentials : {task.roleCredentials, task.executionRoleCredentials}) {
      if (credentials) AcknowledgeCredentials(message.messageId, *credentials);
    }
  }
  // What is not acknowledged comes again.
  if (!all) return;
  RaiseSequence(message.seqNum);
  Acknowledge(message.clusterArn, message.messageId);
}

bool Orders::TakeTask(const wire::AcsTask& task) {
  const auto taken = setup_.engine.Take(task);
  if (taken) return true;
  log::Error("task {}: {}", task.arn, taken.error().message());
  return false;
}

void Orders::Take(const wire::TaskManifestMessage& message) {
  if (message.timeline <= Sequence()) return;  // older than what is known
  RaiseSequence(message.timeline);
  Acknowledge(message.clusterArn, message.messageId);
  wire::TaskStopVerificationMessage question = {.messageId = message.messageId};
  for (const engine::EngineTask* task : setup_.engine.Tasks()) {
    const engine::BookedTask& booked = task->state.booked;
    if (booked.stop_wanted || task->state.Stopped()) continue;
    const bool listed =
        std::any_of(message.tasks.begin(), message.tasks.end(), [&](const auto& each) {
          return each.taskArn == booked.order.arn && each.desiredStatus == "RUNNING";
        });
    if (listed) continue;
    question.stopCandidates.push_back({.desiredStatus = "STOPPED",
                                       .taskArn = booked.order.arn,
                                       .taskClusterArn = booked.order.taskClusterArn.value_or("")});
  }
  if (question.stopCandidates.empty()) return;
  manifest_id_ = message.messageId;
  Send(question);
}

void Orders::Take(const wire::TaskStopVerificationAck& message) {
  if (message.messageId.empty() || message.messageId != manifest_id_) return;
  manifest_id_.clear();
  for (const wire::TaskIdentifier& task : message.stopTasks) {
    const auto stopped = setup_.engine.Stop(task.taskArn);
    if (!stopped) log::Error("stop {}: {}", task.taskArn, stopped.error().message());
  }
}

void Orders::Take(const wire::IAMRoleCredentialsMessage& message) {
  const bool known =
      setup_.engine.SetCredentials(message.taskArn, message.roleType, message.roleCredentials);
  if (known) AcknowledgeCredentials(message.messageId, message.roleCredentials);
}

// Berth makes a task's interface itself, when the task is launched: there is no device to wait for.
void Orders::Take(const wire::AttachTaskNetworkInterfacesMessage& message) {
  if (message.messageId.empty() || message.taskArn.empty() ||
      message.elasticNetworkInterfaces.empty()) {
    return;
  }
  Acknowledge(message.clusterArn, message.messageId);
  for (const wire::ElasticNetworkInterface& eni : message.elasticNetworkInterfaces) {
    setup_.reporter.Attached(message.taskArn, eni.attachmentArn);
  }
}

void Orders::Take(const wire::AttachInstanceNetworkInterfacesMessage&) {
  log::Info("an interface for the whole host is of no use here");
}

void Orders::Take(const wire::PerformUpdateMessage& message) {
  Send(wire::NackRequest{.cluster = message.clusterArn,
                         .containerInstance = setup_.instance_arn,
                         .messageId = message.messageId,
                         .reason = "Cannot perform update; the operator's packages do that"});
}

void Orders::Take(const wire::ServiceNotice& message) {
  log::Info("the scheduler says {}: {}", message.type, message.message);
}

void Orders::Take(const wire::UnknownMessage& message) {
  log::Info("an order of unknown type {} is dropped", message.type);
}

int64_t Orders::Sequence() {
  const auto known = setup_.book.Fact(kSequence);
  if (!known || !*known) return -1;
  return ParseInteger<int64_t>(**known).value_or(-1);
}

void Orders::RaiseSequence(int64_t number) {
  if (number <= Sequence()) return;
  const auto written = setup_.book.SetFact(kSequence, std::to_string(number));
  if (!written) log::Error("{}", written.error().message());
}

}  // namespace berth::agent::link
