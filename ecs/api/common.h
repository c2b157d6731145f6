// Shapes of the ECS API that several operations share. Members have the API's names; what may be
// absent is optional, and a list that was not given is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ecs/network_configuration.h"
#include "ecs/overrides.h"
#include "ecs/task_definition.h"

namespace berth::ecs::api {

enum class LaunchType { kEc2, kFargate, kExternal, kManagedInstances };
enum class DesiredStatus { kRunning, kPending, kStopped };
enum class TargetType { kContainerInstance };
enum class SortOrder { kAsc, kDesc };

/// Why one of several things asked for is not in the answer: MISSING, RESOURCE:MEMORY, ...
struct Failure {
  std::optional<std::string> arn;
  std::optional<std::string> reason;
  std::optional<std::string> detail;

  bool operator==(const Failure&) const = default;
};

/// Of a container instance, or what a task definition wants of one.
struct Attribute {
  std::string name;
  std::optional<std::string> value;
  std::optional<TargetType> targetType;
  std::optional<std::string> targetId;

  bool operator==(const Attribute&) const = default;
};

struct Attachment {
  std::string id;
  std::string type;
  std::string status;
  std::vector<KeyValuePair> details;

  bool operator==(const Attachment&) const = default;
};

/// CPU, MEMORY, PORTS, ... of a container instance; which member counts is told by `type`.
struct Resource {
  std::string name;
  std::string type;  // INTEGER, LONG, DOUBLE, STRINGSET
  double doubleValue = 0;
  int64_t longValue = 0;
  int64_t integerValue = 0;
  std::vector<std::string> stringSetValue;

  bool operator==(const Resource&) const = default;
};

struct VersionInfo {
  std::optional<std::string> agentVersion;
  std::optional<std::string> agentHash;
  std::optional<std::string> dockerVersion;

  bool operator==(const VersionInfo&) const = default;
};

struct PlatformDevice {
  std::string id;
  std::string type;  // GPU, NEURON_DEVICE

  bool operator==(const PlatformDevice&) const = default;
};

struct CapacityProviderStrategyItem {
  std::string capacityProvider;
  int64_t weight = 0;
  int64_t base = 0;

  bool operator==(const CapacityProviderStrategyItem&) const = default;
};

/// The whole answer of an operation that has nothing to say.
struct Empty {};

}  // namespace berth::ecs::api
