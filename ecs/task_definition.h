// A task definition: what ECS is told of a task before any is run. Members have the names of the
// ECS API (RegisterTaskDefinition); a list that was not given is empty, and what ECS has a default
// for holds the default.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ecs/container_definition.h"
#include "ecs/volume.h"

namespace berth::ecs {

enum class NetworkMode { kBridge, kHost, kAwsvpc, kNone };
enum class PidMode { kHost, kTask };
enum class IpcMode { kHost, kTask, kNone };
enum class Compatibility { kEc2, kFargate, kExternal, kManagedInstances };
enum class PlacementConstraintType { kMemberOf };
enum class ProxyConfigurationType { kAppmesh };
enum class CpuArchitecture { kX86_64, kArm64 };
enum class OperatingSystemFamily {
  kLinux,
  kWindowsServer2016Full,
  kWindowsServer2019Core,
  kWindowsServer2019Full,
  kWindowsServer2004Core,
  kWindowsServer20H2Core,
  kWindowsServer2022Core,
  kWindowsServer2022Full,
  kWindowsServer2025Core,
  kWindowsServer2025Full,
};

struct PlacementConstraint {
  PlacementConstraintType type = PlacementConstraintType::kMemberOf;
  /// In the cluster query language.
  std::string expression;

  bool operator==(const PlacementConstraint&) const = default;
};

struct ProxyConfiguration {
  ProxyConfigurationType type = ProxyConfigurationType::kAppmesh;
  std::string containerName;
  std::vector<KeyValuePair> properties;

  bool operator==(const ProxyConfiguration&) const = default;
};

struct EphemeralStorage {
  int64_t sizeInGiB = 0;

  bool operator==(const EphemeralStorage&) const = default;
};

struct RuntimePlatform {
  /// Absent: that of the host.
  std::optional<CpuArchitecture> cpuArchitecture;
  std::optional<OperatingSystemFamily> operatingSystemFamily;

  bool operator==(const RuntimePlatform&) const = default;
};

struct InferenceAccelerator {
  std::string deviceName;
  std::string deviceType;

  bool operator==(const InferenceAccelerator&) const = default;
};

struct Tag {
  std::string key;
  std::string value;

  bool operator==(const Tag&) const = default;
};

struct TaskDefinition {
  std::string family;
  std::vector<ContainerDefinition> containerDefinitions;
  std::optional<std::string> taskRoleArn;
  std::optional<std::string> executionRoleArn;
  NetworkMode networkMode = NetworkMode::kBridge;
  std::vector<Volume> volumes;
  std::vector<PlacementConstraint> placementConstraints;
  std::vector<Compatibility> requiresCompatibilities;
  /// CPU units, 1024 to a core: the limit of the whole task.
  std::optional<int64_t> cpu;
  /// MiB: the limit of the whole task.
  std::optional<int64_t> memory;
  std::optional<PidMode> pidMode;
  std::optional<IpcMode> ipcMode;
  std::optional<ProxyConfiguration> proxyConfiguration;
  std::optional<EphemeralStorage> ephemeralStorage;
  std::optional<RuntimePlatform> runtimePlatform;
  std::vector<InferenceAccelerator> inferenceAccelerators;
  std::vector<Tag> tags;
  bool enableFaultInjection = false;
  /// Given by ECS when it registered the definition; absent before.
  std::optional<int64_t> revision;

  bool operator==(const TaskDefinition&) const = default;
};

}  // namespace berth::ecs
