// What RunTask changes in a task definition for one task.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ecs/task_definition.h"

namespace berth::ecs {

struct ContainerOverride {
  std::string name;
  /// Replaces the definition's; empty: leaves it.
  std::vector<std::string> command;
  /// Merged into the definition's by name; wins over a secret of that name.
  std::vector<KeyValuePair> environment;
  /// Replaces the definition's; empty: leaves it.
  std::vector<EnvironmentFile> environmentFiles;
  std::optional<int64_t> cpu;
  std::optional<int64_t> memory;
  std::optional<int64_t> memoryReservation;
  /// Replaces the definition's; empty: leaves it.
  std::vector<ResourceRequirement> resourceRequirements;

  bool operator==(const ContainerOverride&) const = default;
};

struct InferenceAcceleratorOverride {
  std::string deviceName;
  std::string deviceType;

  bool operator==(const InferenceAcceleratorOverride&) const = default;
};

struct TaskOverride {
  std::vector<ContainerOverride> containerOverrides;
  /// CPU units.
  std::optional<int64_t> cpu;
  /// MiB.
  std::optional<int64_t> memory;
  std::optional<std::string> taskRoleArn;
  std::optional<std::string> executionRoleArn;
  std::optional<EphemeralStorage> ephemeralStorage;
  std::vector<InferenceAcceleratorOverride> inferenceAcceleratorOverrides;

  bool operator==(const TaskOverride&) const = default;
};

/// Reads `overrides` of RunTask, bare or as the field `overrides` of an object. Fails with every
/// problem found, one a line.
Result<TaskOverride> ParseTaskOverride(std::string_view json);

/// The definition as it is for a task run with `overrides`. Refuses names that the definition does
/// not have, and a result that is no valid task definition.
Result<TaskDefinition> ApplyOverrides(TaskDefinition definition, const TaskOverride& overrides);

}  // namespace berth::ecs
