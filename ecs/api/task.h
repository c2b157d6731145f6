// Tasks, in the shapes of the ECS API.
#pragma once

#include "ecs/api/common.h"

namespace berth::ecs::api {

enum class HealthStatus { kHealthy, kUnhealthy, kUnknown };
enum class Connectivity { kConnected, kDisconnected };
enum class TaskStopCode {
  kTaskFailedToStart,
  kEssentialContainerExited,
  kUserInitiated,
  kServiceSchedulerInitiated,
  kSpotInterruption,
  kTerminationNotice,
};
enum class PropagateTags { kTaskDefinition, kService, kNone };
enum class TaskConstraintType { kDistinctInstance, kMemberOf };
enum class PlacementStrategyType { kRandom, kSpread, kBinpack };

struct NetworkBinding {
  std::optional<std::string> bindIP;
  std::optional<int64_t> containerPort;
  std::optional<int64_t> hostPort;
  std::optional<TransportProtocol> protocol;
  std::optional<std::string> containerPortRange;
  std::optional<std::string> hostPortRange;

  bool operator==(const NetworkBinding&) const = default;
};

struct NetworkInterface {
  std::optional<std::string> attachmentId;
  std::optional<std::string> privateIpv4Address;
  std::optional<std::string> ipv6Address;

  bool operator==(const NetworkInterface&) const = default;
};

struct ManagedAgent {
  std::optional<WallTime> lastStartedAt;
  std::optional<std::string> name;
  std::optional<std::string> reason;
  std::optional<std::string> lastStatus;

  bool operator==(const ManagedAgent&) const = default;
};

struct Container {
  std::string containerArn;
  std::string taskArn;
  std::string name;
  std::optional<std::string> image;
  std::optional<std::string> imageDigest;
  std::optional<std::string> runtimeId;
  std::string lastStatus;  // PENDING, RUNNING, STOPPED
  std::optional<int64_t> exitCode;
  std::optional<std::string> reason;
  std::vector<NetworkBinding> networkBindings;
  std::vector<NetworkInterface> networkInterfaces;
  std::optional<HealthStatus> healthStatus;
  std::vector<ManagedAgent> managedAgents;
  std::optional<std::string> cpu;
  std::optional<std::string> memory;
  std::optional<std::string> memoryReservation;
  std::vector<std::string> gpuIds;

  bool operator==(const Container&) const = default;
};

struct Task {
  std::vector<Attachment> attachments;
  std::vector<Attribute> attributes;
  std::optional<std::string> availabilityZone;
  std::optional<std::string> capacityProviderName;
  std::string clusterArn;
  std::optional<Connectivity> connectivity;
  std::optional<WallTime> connectivityAt;
  std::optional<std::string> containerInstanceArn;
  std::vector<Container> containers;
  std::optional<std::string> cpu;
  std::optional<WallTime> createdAt;
  std::string desiredStatus;
  bool enableExecuteCommand = false;
  std::optional<WallTime> executionStoppedAt;
  std::optional<std::string> group;
  std::optional<HealthStatus> healthStatus;
  std::string lastStatus;
  std::optional<LaunchType> launchType;
  std::optional<std::string> memory;
  TaskOverride overrides;
  std::optional<std::string> platformVersion;
  std::optional<std::string> platformFamily;
  std::optional<WallTime> pullStartedAt;
  std::optional<WallTime> pullStoppedAt;
  std::optional<WallTime> startedAt;
  std::optional<std::string> startedBy;
  std::optional<TaskStopCode> stopCode;
  std::optional<WallTime> stoppedAt;
  std::optional<std::string> stoppedReason;
  std::optional<WallTime> stoppingAt;
  std::vector<Tag> tags;
  std::string taskArn;
  std::string taskDefinitionArn;
  int64_t version = 0;
  std::optional<EphemeralStorage> ephemeralStorage;

  bool operator==(const Task&) const = default;
};

struct TaskPlacementConstraint {
  TaskConstraintType type = TaskConstraintType::kMemberOf;
  std::optional<std::string> expression;

  bool operator==(const TaskPlacementConstraint&) const = default;
};

struct PlacementStrategy {
  PlacementStrategyType type = PlacementStrategyType::kRandom;
  std::optional<std::string> field;

  bool operator==(const PlacementStrategy&) const = default;
};

struct RunTaskRequest {
  std::vector<CapacityProviderStrategyItem> capacityProviderStrategy;
  std::optional<std::string> cluster;
  std::optional<int64_t> count;
  bool enableECSManagedTags = false;
  bool enableExecuteCommand = false;
  std::optional<std::string> group;
  std::optional<LaunchType> launchType;
  std::optional<NetworkConfiguration> networkConfiguration;
  std::optional<TaskOverride> overrides;
  std::vector<TaskPlacementConstraint> placementConstraints;
  std::vector<PlacementStrategy> placementStrategy;
  std::optional<std::string> platformVersion;
  std::optional<PropagateTags> propagateTags;
  std::optional<std::string> referenceId;
  std::optional<std::string> startedBy;
  std::vector<Tag> tags;
  std::string taskDefinition;
  std::optional<std::string> clientToken;
};

struct StartTaskRequest {
  std::optional<std::string> cluster;
  std::vector<std::string> containerInstances;
  bool enableECSManagedTags = false;
  bool enableExecuteCommand = false;
  std::optional<std::string> group;
  std::optional<NetworkConfiguration> networkConfiguration;
  std::optional<TaskOverride> overrides;
  std::optional<PropagateTags> propagateTags;
  std::optional<std::string> referenceId;
  std::optional<std::string> startedBy;
  std::vector<Tag> tags;
  std::string taskDefinition;
};

/// RunTask, StartTask and DescribeTasks.
struct TasksResponse {
  std::vector<Task> tasks;
  std::vector<Failure> failures;
};

struct StopTaskRequest {
  std::optional<std::string> cluster;
  std::string task;
  std::optional<std::string> reason;
};

struct TaskResponse {
  Task task;
};

struct DescribeTasksRequest {
  std::optional<std::string> cluster;
  std::vector<std::string> tasks;
  std::vector<std::string> include;  // TAGS
};

struct ListTasksRequest {
  std::optional<std::string> cluster;
  std::optional<std::string> containerInstance;
  std::optional<std::string> family;
  std::optional<std::string> nextToken;
  std::optional<int64_t> maxResults;
  std::optional<std::string> startedBy;
  std::optional<std::string> serviceName;
  std::optional<DesiredStatus> desiredStatus;
  std::optional<LaunchType> launchType;
};

struct ListTasksResponse {
  std::vector<std::string> taskArns;
  std::optional<std::string> nextToken;
};

struct ProtectedTask {
  std::string taskArn;
  bool protectionEnabled = false;
  std::optional<WallTime> expirationDate;

  bool operator==(const ProtectedTask&) const = default;
};

struct GetTaskProtectionRequest {
  std::string cluster;
  std::vector<std::string> tasks;
};

struct UpdateTaskProtectionRequest {
  std::string cluster;
  std::vector<std::string> tasks;
  bool protectionEnabled = false;
  std::optional<int64_t> expiresInMinutes;
};

struct TaskProtectionResponse {
  std::vector<ProtectedTask> protectedTasks;
  std::vector<Failure> failures;
};

}  // namespace berth::ecs::api
