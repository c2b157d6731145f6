// What only agents call: where to connect, and what has become of tasks.
#pragma once

#include "ecs/api/task.h"

namespace berth::ecs::api {

struct DiscoverPollEndpointRequest {
  std::optional<std::string> containerInstance;
  std::optional<std::string> cluster;
  std::optional<std::string> zoneId;
};

struct DiscoverPollEndpointResponse {
  std::string endpoint;
  std::string telemetryEndpoint;
  std::optional<std::string> serviceConnectEndpoint;
};

struct AttachmentStateChange {
  std::string attachmentArn;
  std::string status;  // ATTACHED, DETACHED
};

struct ManagedAgentStateChange {
  std::string containerName;
  std::string managedAgentName;
  std::string status;
  std::optional<std::string> reason;
};

struct ContainerStateChange {
  std::optional<std::string> containerName;
  std::optional<std::string> imageDigest;
  std::optional<std::string> runtimeId;
  std::optional<int64_t> exitCode;
  std::vector<NetworkBinding> networkBindings;
  std::optional<std::string> reason;
  std::optional<std::string> status;  // RUNNING, STOPPED; PENDING with a digest
};

struct SubmitTaskStateChangeRequest {
  std::optional<std::string> cluster;
  std::optional<std::string> task;
  std::optional<std::string> status;  // PENDING, RUNNING, STOPPED
  std::optional<std::string> reason;
  std::vector<ContainerStateChange> containers;
  std::vector<AttachmentStateChange> attachments;
  std::vector<ManagedAgentStateChange> managedAgents;
  std::optional<WallTime> pullStartedAt;
  std::optional<WallTime> pullStoppedAt;
  std::optional<WallTime> executionStoppedAt;
};

struct SubmitContainerStateChangeRequest {
  std::optional<std::string> cluster;
  std::optional<std::string> task;
  std::optional<std::string> containerName;
  std::optional<std::string> runtimeId;
  std::optional<std::string> status;
  std::optional<int64_t> exitCode;
  std::optional<std::string> reason;
  std::vector<NetworkBinding> networkBindings;
};

struct SubmitAttachmentStateChangesRequest {
  std::optional<std::string> cluster;
  std::vector<AttachmentStateChange> attachments;
};

struct AcknowledgmentResponse {
  std::string acknowledgment;
};

}  // namespace berth::ecs::api
