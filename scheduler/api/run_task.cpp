#include "ecs/api/codec.h"
#include "ecs/api/names.h"
#include "ecs/sha256.h"
#include "scheduler/api/instance_shown.h"
#include "scheduler/api/new_task.h"
#include "scheduler/api/operations.h"
#include "scheduler/api/task_shown.h"

namespace berth::scheduler {
namespace {

constexpr int64_t kMostTasks = 10;  // a call: the API reference

Answer<void> AddConstraints(const std::vector<api::TaskPlacementConstraint>& constraints,
                            placement::Request& request) {
  if (constraints.size() > 10) {
    return ecs::InvalidParameter("placementConstraints must hold at most 10 constraints");
  }
  for (const api::TaskPlacementConstraint& constraint : constraints) {
    if (constraint.type == api::TaskConstraintType::kDistinctInstance) {
      if (constraint.expression && !constraint.expression->empty()) {
        return ecs::InvalidParameter("distinctInstance takes no expression");
      }
      request.distinct_instance = true;
      continue;
    }
    auto query = placement::Query::Parse(constraint.expression.value_or(""));
    if (!query) return ecs::InvalidParameter("placementConstraints: {}", query.error().message());
    request.member_of.push_back(std::move(*query));
  }
  return {};
}

Answer<void> AddStrategies(const std::vector<api::PlacementStrategy>& strategies,
                           placement::Request& request) {
  if (strategies.size() > 5) {
    return ecs::InvalidParameter("placementStrategy must hold at most 5 strategies");
  }
  for (const api::PlacementStrategy& strategy : strategies) {
    auto parsed = placement::ParseStrategy(ecs::NameOf(strategy.type), strategy.field.value_or(""));
    if (!parsed) return ecs::InvalidParameter("placementStrategy: {}", parsed.error().message());
    request.strategies.push_back(std::move(*parsed));
  }
  return {};
}

std::span<const placement::Instance* const> CandidatesFor(const Call& call,
                                                          const CheckedWish& wish) {
  const bool external = wish.wish.launch_type == api::LaunchType::kExternal;
  return call.world().Candidates(wish.cluster->cluster.clusterName,
                                 external ? Hosts::kExternal : Hosts::kNotExternal);
}

api::TasksResponse ShowAgain(const Call& call, const ClientTokenRecord& token) {
  api::TasksResponse response = {.failures = token.failures};
  for (const std::string& id : token.task_ids) {
    const TaskRecord* record = call.world().tasks().Find(World::Key(token.cluster, id));
    if (record != nullptr) response.tasks.push_back(Shown(call.world(), *record));
  }
  return response;
}

struct Repetition {
  std::string key;
  std::string digest;
  std::optional<api::TasksResponse> answer;
};

// The answer of the first call with this token, if there was one.
Answer<Repetition> LookUpToken(const Call& call, const api::RunTaskRequest& request,
                               const std::string& cluster) {
  Repetition repetition;
  if (!request.clientToken || request.clientToken->empty()) return repetition;
  if (request.clientToken->size() > 64) {
    return ecs::InvalidParameter("clientToken must have at most 64 characters");
  }
  repetition.key = World::Key(cluster, *request.clientToken);
  repetition.digest = ecs::Sha256Hex(api::FormatBody(request));
  const ClientTokenRecord* known = call.world().client_tokens().Find(repetition.key);
  if (known == nullptr) return repetition;
  // Who may not run it now is not shown what ran; the definition may have changed or gone since.
  for (const std::string& id : known->task_ids) {
    const TaskRecord* task = call.world().tasks().Find(World::Key(cluster, id));
    if (task != nullptr) API_TRY(call.May(task->task.taskDefinitionArn, task->task.clusterArn));
  }
  if (known->request_digest != repetition.digest) {
    return ecs::Refuse("ConflictException",
                       "clientToken {} was used with another request; take a new one",
                       *request.clientToken);
  }
  repetition.answer = ShowAgain(call, *known);
  return repetition;
}

void RememberToken(const Call& call, const std::string& token, const std::string& cluster,
                   const Repetition& repetition, const api::TasksResponse& response) {
  ClientTokenRecord record = {.token = token,
                              .cluster = cluster,
                              .request_digest = repetition.digest,
                              .failures = response.failures,
                              .created = call.now()};
  for (const api::Task& task : response.tasks) {
    record.task_ids.emplace_back(LastPart(task.taskArn));
  }
  call.world().PutClientToken(std::move(record));
}

// What both calls have in common.
template <typename Request>
TaskWish WishOf(const Request& request) {
  return {.cluster = request.cluster,
          .task_definition = request.taskDefinition,
          .overrides = request.overrides,
          .network = request.networkConfiguration,
          .group = request.group,
          .started_by = request.startedBy,
          .tags = request.tags,
          .propagate_tags = request.propagateTags,
          .enable_execute_command = request.enableExecuteCommand};
}

}  // namespace

Answer<api::TasksResponse> RunTask(const Call& call, const api::RunTaskRequest& request) {
  const int64_t count = request.count.value_or(1);
  if (count < 1 || count > kMostTasks) {
    return ecs::InvalidParameter("count must be from 1 to {}, not {}", kMostTasks, count);
  }
  if (!request.capacityProviderStrategy.empty()) {
    return ecs::InvalidParameter("capacityProviderStrategy is not supported yet; use launchType");
  }
  const ClusterRecord* there = API_TRY(call.FindCluster(request.cluster));
  const std::string& cluster = there->cluster.clusterName;
  const Repetition repetition = API_TRY(LookUpToken(call, request, cluster));
  if (repetition.answer) return *repetition.answer;
  TaskWish wanted = WishOf(request);
  wanted.launch_type = request.launchType.value_or(api::LaunchType::kEc2);
  CheckedWish wish = API_TRY(CheckWish(call, std::move(wanted)));
  API_TRY(AddConstraints(request.placementConstraints, wish.placement));
  API_TRY(AddStrategies(request.placementStrategy, wish.placement));

  api::TasksResponse response;
  const auto candidates = CandidatesFor(call, wish);
  if (candidates.empty()) {
    return ecs::InvalidParameter("No Container Instances were found in your cluster.");
  }
  for (int64_t i = 0; i < count; ++i) {
    const auto place = placement::Place(candidates, wish.placement, call.settings().random());
    if (!place) {
      response.failures.push_back({.arn = place.error().instance_arn.empty()
                                              ? std::nullopt
                                              : std::optional(place.error().instance_arn),
                                   .reason = place.error().reason});
      continue;
    }
    const auto added = AddTask(call, wish, candidates[*place]->id);
    // The first error ends the call: nothing has been put on the instance by this one.
    if (!added && response.tasks.empty()) return tl::unexpected(added.error());
    if (!added) {
      response.failures.push_back({.reason = added.error().message});
      continue;
    }
    response.tasks.push_back(Shown(call.world(), **added));
  }
  if (!repetition.key.empty()) {
    RememberToken(call, *request.clientToken, cluster, repetition, response);
  }
  return response;
}

Answer<api::TasksResponse> StartTask(const Call& call, const api::StartTaskRequest& request) {
  if (request.containerInstances.empty() || request.containerInstances.size() > kMostTasks) {
    return ecs::InvalidParameter("containerInstances must name 1 to {} container instances",
                                 kMostTasks);
  }
  const CheckedWish wish = API_TRY(CheckWish(call, WishOf(request)));
  const std::string& cluster = wish.cluster->cluster.clusterName;
  api::TasksResponse response;
  for (const std::string& name : request.containerInstances) {
    const std::string arn = call.arns().Instance(cluster, LastPart(name));
    const InstanceRecord* instance = FindInstance(call.world(), cluster, name);
    if (instance == nullptr) {
      response.failures.push_back({.arn = arn, .reason = "MISSING"});
      continue;
    }
    const placement::Instance* view = call.world().Candidate(World::Key(cluster, instance->id));
    if (const auto why = placement::WhyNotOn(*view, wish.placement)) {
      response.failures.push_back({.arn = arn, .reason = *why});
      continue;
    }
    const auto added = AddTask(call, wish, instance->id);
    if (!added) {
      response.failures.push_back({.arn = arn, .reason = added.error().message});
      continue;
    }
    response.tasks.push_back(Shown(call.world(), **added));
  }
  return response;
}

}  // namespace berth::scheduler
