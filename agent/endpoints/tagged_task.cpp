#include "agent/endpoints/tagged_task.h"

#include <nlohmann/json.hpp>

namespace berth::agent::endpoints {
namespace {

/// A description that waits for answers.
struct Waiting {
  Json task;
  int answers_due = 0;
  std::function<void(const Json&)> done;
};

Json DescribeFailure(const CallFailure& failure, const char* field, const std::string& arn) {
  const bool refused = failure.kind == CallFailure::Kind::kRefused;
  Json error = {{"ErrorField", field},
                {"ErrorCode", refused ? failure.error.code : "InternalServerError"},
                {"ErrorMessage", failure.error.message},
                {"StatusCode", refused ? failure.error.status : 500}};
  if (!failure.request_id.empty()) error["RequestId"] = failure.request_id;
  error["ResourceARN"] = arn;
  return error;
}

void AskFor(const std::shared_ptr<Waiting>& waiting, const char* field, const std::string& arn,
            EcsCalls& calls) {
  calls.ListTags(arn, [waiting, field, arn](const auto& answer) {
    if (answer) {
      for (const ecs::Tag& tag : answer->tags) {
        waiting->task[field][tag.key] = tag.value;
      }
    } else {
      waiting->task["Errors"].push_back(DescribeFailure(answer.error(), field, arn));
    }
    if (--waiting->answers_due == 0) waiting->done(waiting->task);
  });
}

}  // namespace

void DescribeTaskWithTags(const EndpointTask& task, const AgentInfo& agent, MetadataVersion version,
                          EcsCalls& calls, std::function<void(const Json&)> done) {
  const auto waiting = std::make_shared<Waiting>(
      Waiting{.task = DescribeTask(task, agent, version), .done = std::move(done)});
  const bool registered = !agent.container_instance_arn.empty();
  // Counted before the first call, which may answer at once.
  waiting->answers_due = registered ? 2 : 1;
  if (registered) AskFor(waiting, "ContainerInstanceTags", agent.container_instance_arn, calls);
  AskFor(waiting, "TaskTags", task.arn, calls);
}

}  // namespace berth::agent::endpoints
