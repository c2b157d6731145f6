// Reporter: tells the scheduler what becomes of tasks, in order, for as long as it takes.
//
// Source of the figures: ecs-agent 1.105 (SubmitTaskStateChange: a dedicated retryer for one day,
// ten tasks at a time, container changes in batches every 10 to 30 s).
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "agent/engine/engine.h"
#include "agent/link/api.h"
#include "agent/link/backoff.h"

namespace berth::agent::link {

class Reporter {
 public:
  Reporter(http::IoLoop& loop, Api& api, engine::Engine& engine);

  /// Something may have to be told of this task. Before Start nothing is sent.
  void Changed(const std::string& arn);
  /// The host is registered: what has gathered may go.
  void Start();
  /// The scheduler has just been reached: what waits for another try is tried now.
  void TryNow();
  /// The interface of a task is here.
  void Attached(const std::string& task_arn, const std::string& attachment_arn);

 private:
  struct Sending {
    Backoff backoff;
    http::Timer retry;
    bool waiting = false;  // for the retry
    std::chrono::steady_clock::time_point since;
  };

  void SendMore();
  void Send(const std::string& arn);
  void Answered(const std::string& arn, engine::Told tells,
                const tl::expected<ecs::api::AcknowledgmentResponse, CallError>& answer);
  void TryAgain(const std::string& arn, const CallError& error);
  void Done(const std::string& arn);
  void TellContainersLater();
  void TellContainers();
  void SendAttached(const std::string& task_arn, const std::string& attachment_arn,
                    std::shared_ptr<Backoff> backoff);

  http::IoLoop& loop_;
  Api& api_;
  engine::Engine& engine_;
  bool started_ = false;
  std::deque<std::string> queue_;            // of ARNs that wait for their turn
  std::map<std::string, Sending> sending_;   // by ARN
  std::set<std::string> changed_meanwhile_;  // while they were sent
  std::set<std::string> containers_changed_;
  std::map<std::string, std::string> last_containers_;  // what was told of them, by ARN
  http::Timer containers_;
  std::map<std::string, http::Timer> attachment_retries_;  // by ARN of the attachment
};

}  // namespace berth::agent::link
