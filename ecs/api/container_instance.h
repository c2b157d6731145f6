// Container instances and their attributes, in the shapes of the ECS API.
#pragma once

#include "ecs/api/common.h"

namespace berth::ecs::api {

enum class ContainerInstanceStatus {
  kActive,
  kDraining,
  kRegistering,
  kDeregistering,
  kRegistrationFailed,
};

struct InstanceHealthCheckResult {
  std::string type;    // CONTAINER_RUNTIME
  std::string status;  // OK, IMPAIRED, INSUFFICIENT_DATA, INITIALIZING
  std::optional<WallTime> lastUpdated;
  std::optional<WallTime> lastStatusChange;

  bool operator==(const InstanceHealthCheckResult&) const = default;
};

struct ContainerInstanceHealthStatus {
  std::string overallStatus;
  std::vector<InstanceHealthCheckResult> details;

  bool operator==(const ContainerInstanceHealthStatus&) const = default;
};

struct ContainerInstance {
  std::string containerInstanceArn;
  std::optional<std::string> ec2InstanceId;
  std::optional<std::string> capacityProviderName;
  int64_t version = 0;
  VersionInfo versionInfo;
  std::vector<Resource> remainingResources;
  std::vector<Resource> registeredResources;
  std::string status;  // ACTIVE, DRAINING, INACTIVE, ...
  std::optional<std::string> statusReason;
  bool agentConnected = false;
  int64_t runningTasksCount = 0;
  int64_t pendingTasksCount = 0;
  std::vector<Attribute> attributes;
  std::optional<WallTime> registeredAt;
  std::vector<Attachment> attachments;
  std::vector<Tag> tags;
  std::optional<ContainerInstanceHealthStatus> healthStatus;

  bool operator==(const ContainerInstance&) const = default;
};

struct RegisterContainerInstanceRequest {
  std::optional<std::string> cluster;
  std::optional<std::string> instanceIdentityDocument;
  std::optional<std::string> instanceIdentityDocumentSignature;
  std::vector<Resource> totalResources;
  std::optional<VersionInfo> versionInfo;
  /// Of an earlier registration, when the agent has come back.
  std::optional<std::string> containerInstanceArn;
  std::vector<Attribute> attributes;
  std::vector<PlatformDevice> platformDevices;
  std::vector<Tag> tags;
  /// Not in AWS's public model; agents send it.
  std::optional<std::string> clientToken;
};

struct ContainerInstanceResponse {
  ContainerInstance containerInstance;
};

struct DeregisterContainerInstanceRequest {
  std::optional<std::string> cluster;
  std::string containerInstance;
  std::optional<bool> force;
};

struct DescribeContainerInstancesRequest {
  std::optional<std::string> cluster;
  std::vector<std::string> containerInstances;
  std::vector<std::string> include;  // TAGS, CONTAINER_INSTANCE_HEALTH
};

struct ContainerInstancesResponse {
  std::vector<ContainerInstance> containerInstances;
  std::vector<Failure> failures;
};

struct ListContainerInstancesRequest {
  std::optional<std::string> cluster;
  std::optional<std::string> filter;  // a cluster query
  std::optional<std::string> nextToken;
  std::optional<int64_t> maxResults;
  std::optional<ContainerInstanceStatus> status;
};

struct ListContainerInstancesResponse {
  std::vector<std::string> containerInstanceArns;
  std::optional<std::string> nextToken;
};

struct UpdateContainerInstancesStateRequest {
  std::optional<std::string> cluster;
  std::vector<std::string> containerInstances;
  ContainerInstanceStatus status = ContainerInstanceStatus::kActive;
};

/// PutAttributes and DeleteAttributes.
struct AttributesRequest {
  std::optional<std::string> cluster;
  std::vector<Attribute> attributes;
};

struct AttributesResponse {
  std::vector<Attribute> attributes;
};

struct ListAttributesRequest {
  std::optional<std::string> cluster;
  TargetType targetType = TargetType::kContainerInstance;
  std::optional<std::string> attributeName;
  std::optional<std::string> attributeValue;
  std::optional<std::string> nextToken;
  std::optional<int64_t> maxResults;
};

struct ListAttributesResponse {
  std::vector<Attribute> attributes;
  std::optional<std::string> nextToken;
};

}  // namespace berth::ecs::api
