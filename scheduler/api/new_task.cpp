#include "scheduler/api/new_task.h"

#include <algorithm>

#include "base/text.h"
#include "ecs/api/names.h"
#include "ecs/overrides.h"
#include "ecs/task_resources.h"
#include "scheduler/api/find_definition.h"
#include "scheduler/api/tag_rules.h"
#include "scheduler/identity/policy.h"
#include "scheduler/model/ids.h"
#include "scheduler/network/interfaces.h"

namespace berth::scheduler {
namespace {

using ecs::api::LaunchType;

ecs::ApiResult<void> CheckNames(const TaskWish& wish) {
  if (wish.started_by && wish.started_by->size() > 128) {
    return ecs::InvalidParameter("startedBy must have at most 128 characters, not {}",
                                 wish.started_by->size());
  }
  if (!wish.group) return {};
  if (wish.group->empty() || wish.group->size() > 255) {
    return ecs::InvalidParameter("group must have 1 to 255 characters");
  }
  if (wish.group->starts_with("service:")) {
    return ecs::InvalidParameter("group must not start with service:, which is for services");
  }
  return {};
}

ecs::ApiResult<void> CheckNetworkMode(const Call& call, const TaskWish& wish,
                                      const ecs::TaskDefinition& definition) {
  const bool awsvpc = definition.networkMode == ecs::NetworkMode::kAwsvpc;
  if (awsvpc && !wish.network) {
    return ecs::InvalidParameter(
        "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  if (!awsvpc && wish.network) {
    return ecs::InvalidParameter(
        "Network Configuration is not valid for the given networkMode of this task definition.");
  }
  if (!awsvpc) return {};
  return CheckNetwork(call.world(), wish.network->awsvpcConfiguration);
}

bool TrustsTasks(const Call& call, const RoleRecord& role) {
  const auto trust = ParseTrustPolicy(role.assume_role_policy_document);
  if (!trust) return false;
  const IdentityRecord& identity = call.world().identity();
  AccessRequest request = {.action = "sts:AssumeRole", .resource = role.arn};
  request.context.emplace("aws:sourceaccount", identity.account);
  request.context.emplace("aws:sourcearn",
                          fmt::format("arn:aws:ecs:{}:{}:*", identity.region, identity.account));
  return TrustsService(*trust, "ecs-tasks.amazonaws.com", request);
}

// Whoever runs a task with a role must be allowed to pass it on, even if somebody else has
// registered the definition that names it.
ecs::ApiResult<void> CheckRoles(const Call& call, const ecs::TaskDefinition& applied) {
  for (const auto& role : {applied.taskRoleArn, applied.executionRoleArn}) {
    if (!role) continue;
    API_TRY(call.MayPassRole(*role));
    const RoleRecord* record = call.world().roles().Find(LastPart(*role));
    if (record == nullptr || record->arn != call.RoleArn(*role)) {
      return ecs::ClientError(
          "ECS was unable to assume the role '{}' that was provided for this task: it does not "
          "exist (aws iam create-role)",
          *role);
    }
    if (!TrustsTasks(call, *record)) {
      return ecs::ClientError(
          "ECS was unable to assume the role '{}' that was provided for this task: its trust "
          "policy does not let ecs-tasks.amazonaws.com do sts:AssumeRole",
          *role);
    }
  }
  return {};
}

ecs::ApiResult<void> CheckLaunchType(const TaskWish& wish,
                                     const ecs::api::RegisteredTaskDefinition& registered) {
  if (wish.launch_type == LaunchType::kEc2 || wish.launch_type == LaunchType::kExternal) return {};
  return ecs::ClientError("{} can't be run with launch type {}: hosts here are EC2 or EXTERNAL",
                          registered.taskDefinitionArn, ecs::NameOf(wish.launch_type));
}

placement::Request PlacementOf(const TaskDefinitionRecord& definition,
                               const ecs::TaskDefinition& applied) {
  const ecs::TaskResources takes = ecs::ResourcesOf(applied);
  placement::Request request;
  request.needs.cpu = takes.cpu;
  request.needs.memory = takes.memory;
  request.needs.tcp_ports = takes.tcp_ports;
  request.needs.udp_ports = takes.udp_ports;
  for (const ecs::api::Attribute& attribute : definition.registered.requiresAttributes) {
    request.required_attributes.emplace_back(attribute.name, attribute.value.value_or(""));
  }
  return request;
}

ecs::api::Container NewContainer(const Call& call, const TaskRecord& task,
                                 const ecs::ContainerDefinition& definition) {
  ecs::api::Container container = {
      .containerArn = call.arns().Container(task.cluster, task.id, RandomUuid()),
      .taskArn = task.task.taskArn,
      .name = definition.name,
      .image = definition.image,
      .lastStatus = "PENDING",
      .cpu = std::to_string(definition.cpu)};
  if (definition.memory) container.memory = std::to_string(*definition.memory);
  if (definition.memoryReservation) {
    container.memoryReservation = std::to_string(*definition.memoryReservation);
  }
  if (definition.healthCheck) container.healthStatus = ecs::api::HealthStatus::kUnknown;
  return container;
}

std::vector<ecs::Tag> TagsOf(const CheckedWish& checked) {
  std::vector<ecs::Tag> tags;
  if (checked.wish.propagate_tags == ecs::api::PropagateTags::kTaskDefinition) {
    tags = checked.definition->tags;
  }
  return WithTags(std::move(tags), checked.wish.tags);
}

std::string ZoneOf(const Call& call, const std::string& instance_key) {
  const InstanceRecord* instance = call.world().instances().Find(instance_key);
  for (const ecs::api::Attribute& attribute : instance->instance.attributes) {
    if (attribute.name == "ecs.availability-zone" && attribute.value) return *attribute.value;
  }
  return call.arns().Zone();
}

TaskRecord NewRecord(const Call& call, const CheckedWish& checked) {
  const ecs::TaskDefinition& applied = checked.applied;
  const std::string& cluster = checked.cluster->cluster.clusterName;
  TaskRecord record = {.cluster = cluster, .id = RandomHex(16)};
  ecs::api::Task& task = record.task;
  task = {.clusterArn = checked.cluster->cluster.clusterArn,
          .createdAt = call.now(),
          .desiredStatus = "RUNNING",
          .enableExecuteCommand = checked.wish.enable_execute_command,
          .group = checked.placement.group,
          .lastStatus = "PENDING",
          .launchType = checked.wish.launch_type,
          .overrides = checked.wish.overrides.value_or(ecs::TaskOverride()),
          .startedBy = checked.wish.started_by,
          .tags = TagsOf(checked),
          .taskArn = call.arns().Task(cluster, record.id),
          .taskDefinitionArn = checked.definition->registered.taskDefinitionArn};
  record.cpu = checked.placement.needs.cpu;
  record.memory = checked.placement.needs.memory;
  task.cpu = std::to_string(record.cpu);
  task.memory = std::to_string(record.memory);
  const auto& needs = checked.placement.needs;
  record.tcp_ports.assign(needs.tcp_ports.begin(), needs.tcp_ports.end());
  record.udp_ports.assign(needs.udp_ports.begin(), needs.udp_ports.end());
  bool health_checks = false;
  for (const ecs::ContainerDefinition& container : applied.containerDefinitions) {
    task.containers.push_back(NewContainer(call, record, container));
    health_checks |= container.healthCheck.has_value();
  }
  if (health_checks) task.healthStatus = ecs::api::HealthStatus::kUnknown;
  if (applied.taskRoleArn) record.role_credentials_id = RandomUuid();
  if (applied.executionRoleArn) record.execution_role_credentials_id = RandomUuid();
  return record;
}

}  // namespace

ecs::ApiResult<CheckedWish> CheckWish(const Call& call, TaskWish wish) {
  CheckedWish checked;
  checked.cluster = API_TRY(call.FindCluster(wish.cluster));
  checked.definition = API_TRY(FindDefinition(call, wish.task_definition));
  const auto& registered = checked.definition->registered;
  API_TRY(call.May(registered.taskDefinitionArn, checked.cluster->cluster.clusterArn));
  if (registered.status != ecs::api::TaskDefinitionStatus::kActive) {
    return ecs::ClientError("TaskDefinition is inactive");
  }
  API_TRY(CheckNames(wish));
  API_TRY(CheckTags(wish.tags));
  auto applied =
      ecs::ApplyOverrides(registered.definition, wish.overrides.value_or(ecs::TaskOverride()));
  if (!applied) return ecs::InvalidParameter("overrides: {}", applied.error().message());
  API_TRY(CheckNetworkMode(call, wish, *applied));
  API_TRY(CheckLaunchType(wish, registered));
  API_TRY(CheckRoles(call, *applied));
  checked.placement = PlacementOf(*checked.definition, *applied);
  checked.placement.group = wish.group.value_or("family:" + applied->family);
  for (const ecs::PlacementConstraint& constraint : applied->placementConstraints) {
    auto query = placement::Query::Parse(constraint.expression);
    if (!query) return ecs::ClientError("placementConstraints: {}", query.error().message());
    checked.placement.member_of.push_back(std::move(*query));
  }
  checked.applied = std::move(*applied);
  checked.wish = std::move(wish);
  return checked;
}

ecs::ApiResult<const TaskRecord*> AddTask(const Call& call, const CheckedWish& checked,
                                          const std::string& instance_id) {
  TaskRecord record = NewRecord(call, checked);
  record.instance = instance_id;
  record.task.containerInstanceArn = call.arns().Instance(record.cluster, instance_id);
  record.task.availabilityZone = ZoneOf(call, World::Key(record.cluster, instance_id));
  if (checked.applied.networkMode == ecs::NetworkMode::kAwsvpc) {
    const InterfaceRecord interface =
        API_TRY(AllocateInterface(call.world(), {.cluster = record.cluster, .task_id = record.id},
                                  checked.wish.network->awsvpcConfiguration));
    record.interface_id = interface.id;
    record.task.lastStatus = "PROVISIONING";
  }
  return &call.world().PutTask(std::move(record));
}

}  // namespace berth::scheduler
