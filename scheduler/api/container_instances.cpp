#include <algorithm>

#include "base/text.h"
#include "scheduler/api/instance_shown.h"
#include "scheduler/api/operations.h"
#include "scheduler/api/page.h"
#include "scheduler/api/tag_rules.h"
#include "scheduler/model/instance_view.h"
#include "scheduler/model/task_changes.h"
#include "scheduler/placement/query.h"

namespace berth::scheduler {
namespace {

std::vector<std::string> PortNames(const std::set<uint16_t>& ports) {
  std::vector<std::string> names;
  for (const uint16_t port : ports) names.push_back(std::to_string(port));
  return names;
}

// The registered resources, less what tasks have.
std::vector<api::Resource> Remaining(const InstanceRecord& record,
                                     const placement::Instance& view) {
  std::vector<api::Resource> left = record.instance.registeredResources;
  for (api::Resource& resource : left) {
    if (resource.name == "CPU") resource.integerValue = view.left.cpu;
    if (resource.name == "MEMORY") resource.integerValue = view.left.memory;
    if (resource.name == "PORTS") resource.stringSetValue = PortNames(view.left.tcp_ports);
    if (resource.name == "PORTS_UDP") resource.stringSetValue = PortNames(view.left.udp_ports);
  }
  return left;
}

bool Asked(const std::vector<std::string>& include, std::string_view what) {
  return std::find(include.begin(), include.end(), what) != include.end();
}

// ECS agents send about 80; the instance is one record, and records have a largest size.
constexpr size_t kMostAttributes = 500;

Answer<void> CheckRegistration(const api::RegisterContainerInstanceRequest& request) {
  if (request.attributes.size() > kMostAttributes) {
    return ecs::InvalidParameter("attributes must hold at most {} attributes, not {}",
                                 kMostAttributes, request.attributes.size());
  }
  for (const api::Attribute& attribute : request.attributes) {
    if (attribute.name.empty() || attribute.name.size() > 128) {
      return ecs::InvalidParameter("attribute names must have 1 to 128 characters");
    }
    if (attribute.value.value_or("").size() > 128) {
      return ecs::InvalidParameter("attribute {}: its value must have at most 128 characters",
                                   attribute.name);
    }
  }
  for (const char* name : {"CPU", "MEMORY"}) {
    if (AmountOf(request.totalResources, name) <= 0) {
      return ecs::InvalidParameter("totalResources must say how much {} there is", name);
    }
  }
  return CheckTags(request.tags);
}

// Custom attributes of an operator stay when an agent registers again; those of the agent are what
// it says now.
std::vector<api::Attribute> MergedAttributes(const std::vector<api::Attribute>& before,
                                             const std::vector<api::Attribute>& now) {
  std::vector<api::Attribute> merged = now;
  for (const api::Attribute& attribute : before) {
    const bool capability =
        attribute.name.starts_with("ecs.") || attribute.name.starts_with("com.amazonaws.ecs.");
    const bool again = std::any_of(now.begin(), now.end(),
                                   [&](const auto& own) { return own.name == attribute.name; });
    if (!capability && !again) merged.push_back(attribute);
  }
  return merged;
}

void AddZone(std::vector<api::Attribute>& attributes, const std::string& zone) {
  const bool known = std::any_of(attributes.begin(), attributes.end(), [](const auto& attribute) {
    return attribute.name == "ecs.availability-zone";
  });
  if (!known) attributes.push_back({.name = "ecs.availability-zone", .value = zone});
}

Answer<api::ContainerInstanceResponse> RegisterAgain(
    const Call& call, const ClusterRecord& cluster,
    const api::RegisterContainerInstanceRequest& request) {
  const std::string id(LastPart(*request.containerInstanceArn));
  const InstanceRecord* before =
      FindInstance(call.world(), cluster.cluster.clusterName, *request.containerInstanceArn);
  if (before == nullptr) {
    return ecs::ClientError("The referenced container instance {} is not registered in cluster {}.",
                            id, cluster.cluster.clusterName);
  }
  if (before->registered_by != call.caller().arn) {
    return ecs::Refuse("AccessDeniedException",
                       "The referenced container instance was registered by another agent.");
  }
  InstanceRecord record = *before;
  record.instance.registeredResources = request.totalResources;
  record.instance.attributes = MergedAttributes(before->instance.attributes, request.attributes);
  AddZone(record.instance.attributes, call.arns().Zone());
  if (request.versionInfo) record.instance.versionInfo = *request.versionInfo;
  ++record.instance.version;
  return api::ContainerInstanceResponse{
      Shown(call.world(), call.world().PutInstance(std::move(record)))};
}

// An agent that has not heard the answer asks again with the same token.
const InstanceRecord* RegisteredWith(const Call& call, const std::string& cluster,
                                     const std::string& token) {
  if (token.empty()) return nullptr;
  const auto [first, end] = call.world().instances().StartingWith(cluster + "/");
  for (auto each = first; each != end; ++each) {
    const InstanceRecord& record = each->second;
    if (record.registration_token == token && record.registered_by == call.caller().arn) {
      return &record;
    }
  }
  return nullptr;
}

}  // namespace

ecs::api::ContainerInstance Shown(const World& world, const InstanceRecord& record) {
  const std::string key = World::Key(record.cluster, record.id);
  ecs::api::ContainerInstance shown = record.instance;
  const TaskCounts counts = world.CountsOfInstance(key);
  shown.runningTasksCount = counts.running;
  shown.pendingTasksCount = counts.pending;
  shown.agentConnected = world.Connected(key);
  if (const placement::Instance* view = world.Candidate(key)) {
    shown.remainingResources = Remaining(record, *view);
  }
  return shown;
}

const InstanceRecord* FindInstance(const World& world, std::string_view cluster,
                                   std::string_view name) {
  const auto named_cluster = ClusterIn(name);
  if (named_cluster && *named_cluster != cluster) return nullptr;
  return world.instances().Find(World::Key(cluster, LastPart(name)));
}

Answer<api::ContainerInstanceResponse> RegisterContainerInstance(
    const Call& call, const api::RegisterContainerInstanceRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  const std::string& name = cluster->cluster.clusterName;
  API_TRY(call.May(cluster->cluster.clusterArn));
  API_TRY(CheckRegistration(request));
  if (request.containerInstanceArn) return RegisterAgain(call, *cluster, request);

  const std::string token = request.clientToken.value_or("");
  if (token.size() > 64) {
    return ecs::InvalidParameter("clientToken must have at most 64 characters");
  }
  if (const InstanceRecord* known = RegisteredWith(call, name, token)) {
    return api::ContainerInstanceResponse{Shown(call.world(), *known)};
  }
  InstanceRecord record = {.cluster = name,
                           .id = RandomHex(16),
                           .registered_by = call.caller().arn,
                           .registration_token = token};
  record.instance = {.containerInstanceArn = call.arns().Instance(name, record.id),
                     .version = 1,
                     .versionInfo = request.versionInfo.value_or(api::VersionInfo()),
                     .registeredResources = request.totalResources,
                     .status = "ACTIVE",
                     .attributes = request.attributes,
                     .registeredAt = call.now(),
                     .tags = request.tags};
  AddZone(record.instance.attributes, call.arns().Zone());
  return api::ContainerInstanceResponse{
      Shown(call.world(), call.world().PutInstance(std::move(record)))};
}

Answer<api::ContainerInstanceResponse> DeregisterContainerInstance(
    const Call& call, const api::DeregisterContainerInstanceRequest& request) {
  World& world = call.world();
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  const InstanceRecord* found =
      FindInstance(world, cluster->cluster.clusterName, request.containerInstance);
  if (found == nullptr) {
    return ecs::InvalidParameter("The specified container instance could not be found.");
  }
  API_TRY(call.May(found->instance.containerInstanceArn, cluster->cluster.clusterArn));
  API_TRY(call.MaySpeakFor(*found));
  const std::string key = World::Key(found->cluster, found->id);
  const TaskCounts counts = world.CountsOfInstance(key);
  if (counts.running + counts.pending > 0 && !request.force.value_or(false)) {
    return ecs::InvalidParameter("Found running tasks on the instance.");
  }
  // Its containers go on by themselves; here they are no longer counted.
  const std::set<std::string> orphans = world.TasksOn(key);
  for (const std::string& task_key : orphans) {
    TaskRecord task = *world.tasks().Find(task_key);
    task.task.stoppedReason = "Host deregistered";
    EndTask(world, std::move(task), call.now());
  }
  api::ContainerInstance shown = Shown(world, *found);
  shown.status = "INACTIVE";
  shown.agentConnected = false;
  world.EraseInstance(key);
  return api::ContainerInstanceResponse{std::move(shown)};
}

Answer<api::ContainerInstancesResponse> DescribeContainerInstances(
    const Call& call, const api::DescribeContainerInstancesRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  if (request.containerInstances.empty()) {
    return ecs::InvalidParameter("Container Instances cannot be empty.");
  }
  if (request.containerInstances.size() > 100) {
    return ecs::InvalidParameter("containerInstances must name at most 100 container instances");
  }
  api::ContainerInstancesResponse response;
  for (const std::string& name : request.containerInstances) {
    const std::string arn = call.arns().Instance(cluster->cluster.clusterName, LastPart(name));
    API_TRY(call.May(arn, cluster->cluster.clusterArn));
    const InstanceRecord* record = FindInstance(call.world(), cluster->cluster.clusterName, name);
    if (record == nullptr) {
      response.failures.push_back({.arn = arn, .reason = "MISSING"});
      continue;
    }
    api::ContainerInstance shown = Shown(call.world(), *record);
    if (!Asked(request.include, "TAGS")) shown.tags.clear();
    if (!Asked(request.include, "CONTAINER_INSTANCE_HEALTH")) shown.healthStatus.reset();
    response.containerInstances.push_back(std::move(shown));
  }
  return response;
}

Answer<api::ListContainerInstancesResponse> ListContainerInstances(
    const Call& call, const api::ListContainerInstancesRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  API_TRY(call.May(cluster->cluster.clusterArn));
  std::optional<placement::Query> filter;
  if (request.filter && !request.filter->empty()) {
    auto parsed = placement::Query::Parse(*request.filter);
    if (!parsed) return ecs::InvalidParameter("filter: {}", parsed.error().message());
    filter = std::move(*parsed);
  }
  std::vector<std::string> arns;
  for (const placement::Instance* view : call.world().Candidates(cluster->cluster.clusterName)) {
    if (filter && !filter->Matches(*view)) continue;
    const auto wanted = request.status;
    using Status = api::ContainerInstanceStatus;
    if (wanted == Status::kActive && !view->active) continue;
    if (wanted == Status::kDraining && view->active) continue;
    if (wanted && *wanted != Status::kActive && *wanted != Status::kDraining) continue;
    arns.push_back(view->arn);
  }
  Page page = API_TRY(CutPage(
      std::move(arns), {.max_results = request.maxResults, .next_token = request.nextToken}));
  return api::ListContainerInstancesResponse{std::move(page.items), std::move(page.next_token)};
}

Answer<api::ContainerInstancesResponse> UpdateContainerInstancesState(
    const Call& call, const api::UpdateContainerInstancesStateRequest& request) {
  using Status = api::ContainerInstanceStatus;
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  if (request.status != Status::kActive && request.status != Status::kDraining) {
    return ecs::InvalidParameter("Container instance status should be one of [ACTIVE,DRAINING]");
  }
  if (request.containerInstances.empty() || request.containerInstances.size() > 10) {
    return ecs::InvalidParameter("containerInstances must name 1 to 10 container instances");
  }
  // All are asked about before any is changed.
  for (const std::string& name : request.containerInstances) {
    const std::string arn = call.arns().Instance(cluster->cluster.clusterName, LastPart(name));
    API_TRY(call.May(arn, cluster->cluster.clusterArn));
    const InstanceRecord* found = FindInstance(call.world(), cluster->cluster.clusterName, name);
    if (found != nullptr) API_TRY(call.MaySpeakFor(*found));
  }
  api::ContainerInstancesResponse response;
  for (const std::string& name : request.containerInstances) {
    const std::string arn = call.arns().Instance(cluster->cluster.clusterName, LastPart(name));
    const InstanceRecord* found = FindInstance(call.world(), cluster->cluster.clusterName, name);
    if (found == nullptr) {
      response.failures.push_back({.arn = arn, .reason = "MISSING"});
      continue;
    }
    InstanceRecord record = *found;
    record.instance.status = request.status == Status::kActive ? "ACTIVE" : "DRAINING";
    ++record.instance.version;
    response.containerInstances.push_back(
        Shown(call.world(), call.world().PutInstance(std::move(record))));
  }
  return response;
}

}  // namespace berth::scheduler
