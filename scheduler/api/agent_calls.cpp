// What agents call. An agent speaks for the instances that it registered, and for no other.
#include "scheduler/api/instance_shown.h"
#include "scheduler/api/operations.h"
#include "scheduler/api/task_shown.h"
#include "scheduler/model/task_changes.h"

namespace berth::scheduler {
namespace {

constexpr const char* kThanks = "ACK";

Answer<void> CheckSpeaksFor(const Call& call, const InstanceRecord& instance) {
  if (instance.registered_by == call.caller().arn) return {};
  return ecs::Refuse("AccessDeniedException",
                     "User: {} has not registered container instance {} and can't speak for it",
                     call.caller().arn, instance.instance.containerInstanceArn);
}

// A task that the caller's instance has.
Answer<const TaskRecord*> FindOwnTask(const Call& call, const std::string& cluster,
                                      const std::string& task) {
  const TaskRecord* record = FindTask(call.world(), cluster, task);
  // Agents drop reports that are answered by InvalidParameterException: there is nobody to tell.
  if (record == nullptr) return ecs::InvalidParameter("The referenced task was not found.");
  const InstanceRecord* instance =
      call.world().instances().Find(World::Key(cluster, record->instance));
  if (instance == nullptr) {
    return ecs::InvalidParameter("The container instance of the task is not registered.");
  }
  API_TRY(CheckSpeaksFor(call, *instance));
  return record;
}

void ConfirmAttachment(World& world, const api::AttachmentStateChange& change,
                       const std::string& interface_id) {
  const InterfaceRecord* found = world.interfaces().Find(interface_id);
  if (found == nullptr || LastPart(change.attachmentArn) != found->attachment_id) return;
  if (change.status != "ATTACHED" || found->status == InterfaceStatus::kAttached) return;
  InterfaceRecord interface = *found;
  interface.status = InterfaceStatus::kAttached;
  const TaskRecord* task = world.tasks().Find(World::Key(interface.cluster, interface.task_id));
  world.PutInterface(std::move(interface));
  if (task == nullptr || task->task.lastStatus != "PROVISIONING") return;
  TaskRecord record = *task;
  record.task.lastStatus = "PENDING";
  world.PutTask(std::move(record));
}

}  // namespace

Answer<api::DiscoverPollEndpointResponse> DiscoverPollEndpoint(
    const Call& call, const api::DiscoverPollEndpointRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  API_TRY(call.May("*", cluster->cluster.clusterArn));
  return api::DiscoverPollEndpointResponse{.endpoint = call.settings().acs_endpoint,
                                           .telemetryEndpoint = call.settings().tcs_endpoint};
}

Answer<api::AcknowledgmentResponse> SubmitTaskStateChange(
    const Call& call, const api::SubmitTaskStateChangeRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  const std::string& name = cluster->cluster.clusterName;
  API_TRY(call.May("*", cluster->cluster.clusterArn));
  if (!request.task) return ecs::InvalidParameter("task is required");
  const TaskRecord* record = API_TRY(FindOwnTask(call, name, *request.task));
  for (const api::AttachmentStateChange& change : request.attachments) {
    ConfirmAttachment(call.world(), change, record->interface_id);
  }
  // Confirming an attachment may have put another record in its place.
  record = FindTask(call.world(), name, *request.task);
  ApplyReport(call.world(), *record, request, call.now());
  return api::AcknowledgmentResponse{kThanks};
}

Answer<api::AcknowledgmentResponse> SubmitContainerStateChange(
    const Call& call, const api::SubmitContainerStateChangeRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  API_TRY(call.May("*", cluster->cluster.clusterArn));
  if (!request.task) return ecs::InvalidParameter("task is required");
  const TaskRecord* record =
      API_TRY(FindOwnTask(call, cluster->cluster.clusterName, *request.task));
  api::SubmitTaskStateChangeRequest report = {.task = request.task};
  report.containers = {{.containerName = request.containerName,
                        .runtimeId = request.runtimeId,
                        .exitCode = request.exitCode,
                        .networkBindings = request.networkBindings,
                        .reason = request.reason,
                        .status = request.status}};
  ApplyReport(call.world(), *record, report, call.now());
  return api::AcknowledgmentResponse{kThanks};
}

Answer<api::AcknowledgmentResponse> SubmitAttachmentStateChanges(
    const Call& call, const api::SubmitAttachmentStateChangesRequest& request) {
  const ClusterRecord* cluster = API_TRY(call.FindCluster(request.cluster));
  API_TRY(call.May("*", cluster->cluster.clusterArn));
  for (const api::AttachmentStateChange& change : request.attachments) {
    for (const auto& [id, interface] : call.world().interfaces().all()) {
      if (interface.attachment_id != LastPart(change.attachmentArn)) continue;
      API_TRY(FindOwnTask(call, interface.cluster, interface.task_id));
      ConfirmAttachment(call.world(), change, id);
      break;
    }
  }
  return api::AcknowledgmentResponse{kThanks};
}

}  // namespace berth::scheduler
