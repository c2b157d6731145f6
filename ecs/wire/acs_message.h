// The messages of the agent communication service (ACS), both ways: {"type": ..., "message": ...}.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "ecs/wire/acs_task.h"

namespace berth::ecs::wire {

// -- scheduler to agent ---------------------------------------------------------------------------

struct HeartbeatMessage {
  bool healthy = true;
  std::string messageId;
};

struct PayloadMessage {
  std::string clusterArn;
  std::string containerInstanceArn;
  std::string messageId;
  int64_t generatedAt = 0;  // milliseconds since 1970
  int64_t seqNum = 0;
  std::vector<AcsTask> tasks;
};

struct TaskIdentifier {
  std::string desiredStatus;
  std::string taskArn;
  std::string taskClusterArn;

  bool operator==(const TaskIdentifier&) const = default;
};

struct TaskManifestMessage {
  std::string clusterArn;
  std::string containerInstanceArn;
  std::string messageId;
  int64_t generatedAt = 0;
  int64_t timeline = 0;
  std::vector<TaskIdentifier> tasks;
};

struct TaskStopVerificationAck {
  std::string messageId;  // of the manifest
  int64_t generatedAt = 0;
  std::vector<TaskIdentifier> stopTasks;
};

struct IAMRoleCredentialsMessage {
  std::string messageId;
  std::string taskArn;
  std::string taskClusterArn;
  std::string roleType;  // TaskApplication, TaskExecution
  RoleCredentials roleCredentials;
};

struct AttachTaskNetworkInterfacesMessage {
  std::string clusterArn;
  std::string containerInstanceArn;
  std::string messageId;
  std::string taskArn;
  std::string taskClusterArn;
  int64_t generatedAt = 0;
  int64_t waitTimeoutMs = 0;
  std::vector<ElasticNetworkInterface> elasticNetworkInterfaces;
};

struct AttachInstanceNetworkInterfacesMessage {
  std::string clusterArn;
  std::string containerInstanceArn;
  std::string messageId;
  int64_t generatedAt = 0;
  int64_t waitTimeoutMs = 0;
  std::vector<ElasticNetworkInterface> elasticNetworkInterfaces;
};

struct PerformUpdateMessage {
  std::string clusterArn;
  std::string containerInstanceArn;
  std::string messageId;
};

/// CloseMessage, and the exceptions that a refused handshake has in its body: `type` is the name.
struct ServiceNotice {
  std::string type;
  std::string message;
};

/// A message of a type that nobody here knows: to be logged and dropped.
struct UnknownMessage {
  std::string type;
};

using AcsOrder =
    std::variant<HeartbeatMessage, PayloadMessage, TaskManifestMessage, TaskStopVerificationAck,
                 IAMRoleCredentialsMessage, AttachTaskNetworkInterfacesMessage,
                 AttachInstanceNetworkInterfacesMessage, PerformUpdateMessage, ServiceNotice,
                 UnknownMessage>;

// -- agent to scheduler ---------------------------------------------------------------------------

struct AckRequest {
  std::string cluster;
  std::string containerInstance;
  std::string messageId;
};

struct NackRequest {
  std::string cluster;
  std::string containerInstance;
  std::string messageId;
  std::string reason;
};

struct HeartbeatAckRequest {
  std::string messageId;
};

struct IAMRoleCredentialsAckRequest {
  std::string messageId;
  std::string credentialsId;
  std::string expiration;
};

struct TaskStopVerificationMessage {
  std::string messageId;  // of the manifest
  std::vector<TaskIdentifier> stopCandidates;
};

using AcsReply =
    std::variant<AckRequest, NackRequest, HeartbeatAckRequest, IAMRoleCredentialsAckRequest,
                 TaskStopVerificationMessage, UnknownMessage>;

/// Fields that are not in the model are ignored, as every agent does. Errors: no JSON, no envelope,
/// or a field of the wrong type, with its path.
Result<AcsOrder> ParseAcsOrder(std::string_view frame);
Result<AcsReply> ParseAcsReply(std::string_view frame);
std::string FormatAcs(const AcsOrder& order);
std::string FormatAcs(const AcsReply& reply);

}  // namespace berth::ecs::wire
