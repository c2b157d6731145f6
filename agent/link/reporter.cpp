#include "agent/link/reporter.h"

#include <algorithm>

#include "base/log.h"

namespace berth::agent::link {
namespace {

constexpr size_t kMostAtOnce = 10;
constexpr std::chrono::hours kLongest{24};

Backoff OneDayBackoff() {
  return Backoff(
      {.first = std::chrono::milliseconds(45), .most = std::chrono::minutes(5), .jitter = 0.3});
}

}  // namespace

Reporter::Reporter(http::IoLoop& loop, Api& api, engine::Engine& engine)
    : loop_(loop), api_(api), engine_(engine) {}

void Reporter::Start() {
  started_ = true;
  for (const engine::EngineTask* task : engine_.Tasks()) Changed(task->state.booked.order.arn);
  TellContainersLater();
}

void Reporter::Changed(const std::string& arn) {
  containers_changed_.insert(arn);
  if (!started_) return;
  if (sending_.contains(arn)) {
    changed_meanwhile_.insert(arn);
    return;
  }
  if (std::find(queue_.begin(), queue_.end(), arn) == queue_.end()) queue_.push_back(arn);
  SendMore();
}

void Reporter::SendMore() {
  while (!queue_.empty() && sending_.size() < kMostAtOnce) {
    const std::string arn = std::move(queue_.front());
    queue_.pop_front();
    const engine::EngineTask* task = engine_.Find(arn);
    if (task == nullptr || !NextReport(task->state, api_.settings().cluster)) continue;
    sending_.emplace(arn, Sending{.backoff = OneDayBackoff(),
                                  .retry = {},
                                  .since = std::chrono::steady_clock::now()});
    Send(arn);
  }
}

void Reporter::Send(const std::string& arn) {
  const engine::EngineTask* task = engine_.Find(arn);
  const auto report =
      task == nullptr ? std::nullopt : NextReport(task->state, api_.settings().cluster);
  if (!report) return Done(arn);
  api_.Call<ecs::api::AcknowledgmentResponse>(
      "SubmitTaskStateChange", report->request,
      [this, arn, tells = report->tells](const auto& answer) { Answered(arn, tells, answer); });
}

void Reporter::Answered(const std::string& arn, engine::Told tells,
                        const tl::expected<ecs::api::AcknowledgmentResponse, CallError>& answer) {
  const log::Field about("ECS_TASK_ARN", arn);
  const bool dropped = !answer && answer.error().error.code == "InvalidParameterException";
  if (!answer && !dropped) return TryAgain(arn, answer.error());
  if (dropped)
    log::Info("the scheduler does not want to hear of {}: {}", arn, answer.error().error.message);
  const auto booked = engine_.SetTold(arn, tells);
  if (!booked) log::Error("{}", booked.error().message());
  if (tells == engine::Told::kStopped) last_containers_.erase(arn);
  Send(arn);  // what comes next, if anything does
}

void Reporter::TryAgain(const std::string& arn, const CallError& error) {
  const log::Field about("ECS_TASK_ARN", arn);
  Sending& sending = sending_.at(arn);
  if (std::chrono::steady_clock::now() - sending.since > kLongest) {
    log::Error("giving up to report {} after a day: {}", arn, error.Text());
    return Done(arn);
  }
  log::Info("report {}: {}; trying again", arn, error.Text());
  sending.waiting = true;
  sending.retry = loop_.After(sending.backoff.Next(), [this, arn] {
    sending_.at(arn).waiting = false;
    Send(arn);
  });
}

// After a long absence of the scheduler the waits are minutes.
void Reporter::TryNow() {
  std::vector<std::string> waiting;
  for (auto& [arn, sending] : sending_) {
    if (!sending.waiting) continue;
    sending.retry.Cancel();
    sending.waiting = false;
    sending.backoff.Reset();
    waiting.push_back(arn);
  }
  for (const std::string& arn : waiting) Send(arn);
}

void Reporter::Done(const std::string& arn) {
  sending_.erase(arn);
  if (changed_meanwhile_.erase(arn) > 0) queue_.push_back(arn);
  SendMore();
}

void Reporter::TellContainersLater() {
  containers_ = loop_.After(RandomTime(std::chrono::seconds(10), std::chrono::seconds(30)), [this] {
    TellContainers();
    TellContainersLater();
  });
}

// What rides in no report of the task's own. It may be lost: the task's last report tells it again.
void Reporter::TellContainers() {
  for (const std::string& arn : std::exchange(containers_changed_, {})) {
    const engine::EngineTask* task = engine_.Find(arn);
    if (task == nullptr || sending_.contains(arn)) continue;
    if (NextReport(task->state, api_.settings().cluster) || task->state.Stopped()) continue;
    const auto request = ContainerReport(task->state, api_.settings().cluster);
    std::string text = ecs::api::FormatBody(request);
    if (request.containers.empty() || last_containers_[arn] == text) continue;
    last_containers_[arn] = std::move(text);
    api_.Call<ecs::api::AcknowledgmentResponse>("SubmitTaskStateChange", request,
                                                [](const auto&) {});
  }
}

void Reporter::Attached(const std::string& task_arn, const std::string& attachment_arn) {
  SendAttached(task_arn, attachment_arn, std::make_shared<Backoff>(OneDayBackoff()));
}

void Reporter::SendAttached(const std::string& task_arn, const std::string& attachment_arn,
                            std::shared_ptr<Backoff> backoff) {
  const ecs::api::SubmitTaskStateChangeRequest request = {
      .cluster = api_.settings().cluster,
      .task = task_arn,
      .attachments = {{.attachmentArn = attachment_arn, .status = "ATTACHED"}}};
  api_.Call<ecs::api::AcknowledgmentResponse>(
      "SubmitTaskStateChange", request,
      [this, task_arn, attachment_arn, backoff](const auto& answer) {
        if (answer || !answer.error().Transient()) {
          if (!answer) log::Warning("attach {}: {}", attachment_arn, answer.error().Text());
          attachment_retries_.erase(attachment_arn);
          return;
        }
        attachment_retries_[attachment_arn] =
            loop_.After(backoff->Next(), [this, task_arn, attachment_arn, backoff] {
              SendAttached(task_arn, attachment_arn, backoff);
            });
      });
}

}  // namespace berth::agent::link
