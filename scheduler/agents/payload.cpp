#include "scheduler/agents/payload.h"

#include "ecs/api/names.h"
#include "ecs/overrides.h"
#include "ecs/wire/convert.h"
#include "scheduler/model/arns.h"
#include "scheduler/network/interfaces.h"

namespace berth::scheduler {
namespace {

using ecs::wire::AcsTask;

// "web" and "3" of arn:...:task-definition/web:3.
std::pair<std::string, std::string> FamilyAndRevision(const TaskRecord& record) {
  const std::string_view name = LastPart(record.task.taskDefinitionArn);
  const size_t colon = name.rfind(':');
  return {std::string(name.substr(0, colon)), std::string(name.substr(colon + 1))};
}

std::string KeyOfDefinition(const TaskRecord& record) {
  const auto [family, revision] = FamilyAndRevision(record);
  return World::DefinitionKey(family, std::stoll(revision));
}

void AddArns(const TaskRecord& record, AcsTask& task) {
  for (ecs::wire::AcsContainer& container : task.containers) {
    for (const ecs::api::Container& known : record.task.containers) {
      if (known.name == container.name) container.containerArn = known.containerArn;
    }
    // What programs of AWS's SDKs report themselves as running on.
    container.environment.try_emplace("AWS_EXECUTION_ENV", "AWS_ECS_EC2");
  }
}

}  // namespace

std::string_view WireName(RoleKind kind) {
  return kind == RoleKind::kTask ? "TaskApplication" : "TaskExecution";
}

Result<AcsTask> PayloadBuilder::Task(const TaskRecord& record, WallTime now) const {
  const auto [family, revision] = FamilyAndRevision(record);
  AcsTask task;
  if (record.task.desiredStatus != "STOPPED") {
    const TaskDefinitionRecord* definition =
        world_.task_definitions().Find(KeyOfDefinition(record));
    if (definition == nullptr) {
      return MakeError("task definition {} has been deleted", record.task.taskDefinitionArn);
    }
    task = ecs::wire::ToAcsTask(
        TRY(ecs::ApplyOverrides(definition->registered.definition, record.task.overrides)));
    AddArns(record, task);
    if (auto minted = Credentials(record, RoleKind::kTask, now)) {
      task.roleCredentials = std::move(minted->wire);
    }
    if (auto minted = Credentials(record, RoleKind::kExecution, now)) {
      task.executionRoleCredentials = std::move(minted->wire);
    }
    if (const InterfaceRecord* interface = world_.interfaces().Find(record.interface_id)) {
      task.elasticNetworkInterfaces = {ToWire(world_, *interface)};
    }
  }
  task.arn = record.task.taskArn;
  task.taskClusterArn = record.task.clusterArn;
  task.family = family;
  task.version = revision;
  task.desiredStatus = record.task.desiredStatus;
  task.overrides = "{}";  // applied already
  task.launchType = record.task.launchType ? std::string(ecs::NameOf(*record.task.launchType)) : "";
  task.group = record.task.group;
  task.taskDefinitionAccountId = world_.identity().account;
  return task;
}

std::optional<MintedCredentials> PayloadBuilder::Credentials(const TaskRecord& record,
                                                             RoleKind kind, WallTime now) const {
  const bool task_role = kind == RoleKind::kTask;
  const std::string& id =
      task_role ? record.role_credentials_id : record.execution_role_credentials_id;
  if (id.empty()) return std::nullopt;
  const TaskDefinitionRecord* definition = world_.task_definitions().Find(KeyOfDefinition(record));
  const ecs::TaskOverride& overrides = record.task.overrides;
  auto role = task_role ? overrides.taskRoleArn : overrides.executionRoleArn;
  if (!role && definition != nullptr) {
    const ecs::TaskDefinition& registered = definition->registered.definition;
    role = task_role ? registered.taskRoleArn : registered.executionRoleArn;
  }
  if (!role) return std::nullopt;
  const RoleRecord* known = world_.roles().Find(LastPart(*role));
  if (known == nullptr) return std::nullopt;
  const auto minted =
      mint_.Mint({.role_arn = known->arn, .session_name = record.id, .lifetime = lifetime_}, now);
  return MintedCredentials{
      .wire = {.credentialsId = id,
               .roleArn = known->arn,
               .accessKeyId = minted.credentials.access_key_id,
               .secretAccessKey = minted.credentials.secret_access_key,
               .sessionToken = minted.credentials.session_token,
               .expiration = FormatTime(minted.expiration).substr(0, 19) + "Z"},
      .expiration = minted.expiration};
}

std::vector<ecs::wire::TaskIdentifier> PayloadBuilder::Manifest(
    const std::string& instance_key) const {
  std::vector<ecs::wire::TaskIdentifier> tasks;
  for (const std::string& key : world_.TasksOn(instance_key)) {
    const TaskRecord* record = world_.tasks().Find(key);
    if (record == nullptr || record->task.desiredStatus == "STOPPED") continue;
    tasks.push_back({.desiredStatus = "RUNNING",
                     .taskArn = record->task.taskArn,
                     .taskClusterArn = record->task.clusterArn});
  }
  return tasks;
}

}  // namespace berth::scheduler
