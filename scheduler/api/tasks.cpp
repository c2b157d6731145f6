#include <algorithm>

#include "ecs/api/names.h"
#include "scheduler/api/instance_shown.h"
#include "scheduler/api/operations.h"
#include "scheduler/api/page.h"
#include "scheduler/api/task_shown.h"
#include "scheduler/model/task_changes.h"
#include "scheduler/network/interfaces.h"

namespace berth::scheduler {
namespace {

constexpr size_t kMostTasksDescribed = 100;
constexpr int64_t kDefaultProtectionMinutes = 120;  // ECS: two hours
constexpr int64_t kMostProtectionMinutes = 2880;    // ECS: 48 hours

Answer<void> CheckTaskNames(const std::vector<std::string>& names) {
  if (names.empty()) return ecs::InvalidParameter("Tasks cannot be empty.");
  if (names.size() > kMostTasksDescribed) {
    return ecs::InvalidParameter("tasks must name at most {} tasks, not {}", kMostTasksDescribed,
                                 names.size());
  }
  return {};
}

bool Matches(const api::ListTasksRequest& request, const TaskRecord& record) {
  const api::Task& task = record.task;
  const std::string desired(request.desiredStatus ? ecs::NameOf(*request.desiredStatus)
                                                  : std::string_view("RUNNING"));
  if (task.desiredStatus != desired) return false;
  if (request.containerInstance && record.instance != LastPart(*request.containerInstance)) {
    return false;
  }
  const std::string_view definition = LastPart(task.taskDefinitionArn);
  if (request.family && definition.substr(0, definition.rfind(':')) != *request.family) {
    return false;
  }
  if (request.startedBy && task.startedBy != *request.startedBy) return false;
  if (request.serviceName && task.group != "service:" + *request.serviceName) return false;
  return !request.launchType || task.launchType == *request.launchType;
}

api::ProtectedTask Protection(const TaskRecord& record, WallTime now) {
  api::ProtectedTask shown = {.taskArn = record.task.taskArn};
  shown.protectionEnabled =
      record.protection_enabled && record.protection_expires.value_or(now) > now;
  if (shown.protectionEnabled) shown.expirationDate = record.protection_expires;
  return shown;
}

}  // namespace

ecs::api::Task Shown(const World& world, const TaskRecord& record) {
  ecs::api::Task shown = record.task;
  const bool connected =
      !record.instance.empty() && world.Connected(World::Key(record.cluster, record.instance));
  if (!record.instance.empty()) {
    shown.connectivity =
        connected ? ecs::api::Connectivity::kConnected : ecs::api::Connectivity::kDisconnected;
    shown.connectivityAt = record.task.createdAt;
  }
  const InterfaceRecord* interface = world.interfaces().Find(record.interface_id);
  if (interface != nullptr) {
    shown.attachments = {ToAttachment(world, *interface)};
    for (ecs::api::Container& container : shown.containers) {
      container.networkInterfaces = {ToNetworkInterface(*interface)};
    }
  }
  return shown;
}

const TaskRecord* FindTask(const World& world, std::string_view cluster, std::string_view name) {
  const auto named_cluster = ClusterIn(name);
  if (named_cluster && *named_cluster != cluster) return nullptr;
  return world.tasks().Find(World::Key(cluster, LastPart(name)));
}

Answer<api::TaskResponse> StopTask(const Call& call, const api::StopTaskRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  const TaskRecord* found = FindTask(call.world(), cluster->cluster.clusterName, request.task);
  API_TRY(call.May(call.arns().Task(cluster->cluster.clusterName, LastPart(request.task)),
                   cluster->cluster.clusterArn));
  if (found == nullptr) return ecs::InvalidParameter("The referenced task was not found.");
  if (request.reason && request.reason->size() > 1024) {
    return ecs::InvalidParameter("reason must have at most 1024 characters, not {}",
                                 request.reason->size());
  }
  const TaskRecord& stopping = BeginStop(call.world(), *found,
                                         {.code = api::TaskStopCode::kUserInitiated,
                                          .reason = request.reason.value_or("Task stopped by user"),
                                          .now = call.now()});
  return api::TaskResponse{Shown(call.world(), stopping)};
}

Answer<api::TasksResponse> DescribeTasks(const Call& call,
                                         const api::DescribeTasksRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  API_TRY(CheckTaskNames(request.tasks));
  const auto& include = request.include;
  const bool tags = std::find(include.begin(), include.end(), "TAGS") != include.end();
  api::TasksResponse response;
  for (const std::string& name : request.tasks) {
    const std::string arn = call.arns().Task(cluster->cluster.clusterName, LastPart(name));
    API_TRY(call.May(arn, cluster->cluster.clusterArn));
    const TaskRecord* record = FindTask(call.world(), cluster->cluster.clusterName, name);
    if (record == nullptr) {
      response.failures.push_back({.arn = arn, .reason = "MISSING"});
      continue;
    }
    api::Task shown = Shown(call.world(), *record);
    if (!tags) shown.tags.clear();
    response.tasks.push_back(std::move(shown));
  }
  return response;
}

Answer<api::ListTasksResponse> ListTasks(const Call& call, const api::ListTasksRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  const std::string& name = cluster->cluster.clusterName;
  API_TRY(call.May("*", cluster->cluster.clusterArn));
  if (request.containerInstance &&
      FindInstance(call.world(), name, *request.containerInstance) == nullptr) {
    return ecs::InvalidParameter("The specified container instance could not be found.");
  }
  std::vector<std::string> arns;
  const auto [first, end] = call.world().tasks().StartingWith(name + "/");
  for (auto each = first; each != end; ++each) {
    if (Matches(request, each->second)) arns.push_back(each->second.task.taskArn);
  }
  Page page = API_TRY(CutPage(
      std::move(arns), {.max_results = request.maxResults, .next_token = request.nextToken}));
  return api::ListTasksResponse{std::move(page.items), std::move(page.next_token)};
}

Answer<api::TaskProtectionResponse> GetTaskProtection(
    const Call& call, const api::GetTaskProtectionRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  const std::string& name = cluster->cluster.clusterName;
  API_TRY(CheckTaskNames(request.tasks));
  api::TaskProtectionResponse response;
  for (const std::string& task : request.tasks) {
    const std::string arn = call.arns().Task(name, LastPart(task));
    API_TRY(call.May(arn, cluster->cluster.clusterArn));
    const TaskRecord* record = FindTask(call.world(), name, task);
    if (record == nullptr) {
      response.failures.push_back({.arn = arn, .reason = "MISSING"});
    } else {
      response.protectedTasks.push_back(Protection(*record, call.now()));
    }
  }
  return response;
}

Answer<api::TaskProtectionResponse> UpdateTaskProtection(
    const Call& call, const api::UpdateTaskProtectionRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  const std::string& name = cluster->cluster.clusterName;
  API_TRY(CheckTaskNames(request.tasks));
  const int64_t minutes = request.expiresInMinutes.value_or(kDefaultProtectionMinutes);
  if (minutes < 1 || minutes > kMostProtectionMinutes) {
    return ecs::InvalidParameter("expiresInMinutes must be from 1 to {}, not {}",
                                 kMostProtectionMinutes, minutes);
  }
  // All are asked about before any is changed.
  for (const std::string& task : request.tasks) {
    API_TRY(call.May(call.arns().Task(name, LastPart(task)), cluster->cluster.clusterArn));
  }
  api::TaskProtectionResponse response;
  for (const std::string& task : request.tasks) {
    const std::string arn = call.arns().Task(name, LastPart(task));
    const TaskRecord* found = FindTask(call.world(), name, task);
    if (found == nullptr) {
      response.failures.push_back({.arn = arn, .reason = "MISSING"});
      continue;
    }
    if (!found->task.group.value_or("").starts_with("service:")) {
      response.failures.push_back({.arn = arn,
                                   .reason = "TASK_NOT_VALID",
                                   .detail = "The specified task is not part of a service"});
      continue;
    }
    TaskRecord record = *found;
    record.protection_enabled = request.protectionEnabled;
    record.protection_expires.reset();
    if (request.protectionEnabled) {
      record.protection_expires = call.now() + std::chrono::minutes(minutes);
    }
    response.protectedTasks.push_back(
        Protection(call.world().PutTask(std::move(record)), call.now()));
  }
  return response;
}

}  // namespace berth::scheduler
