// Registered task definitions, in the shapes of the ECS API. (RegisterTaskDefinition's input is a
// task definition: ecs/parse.h.)
#pragma once

#include "ecs/api/common.h"

namespace berth::ecs::api {

enum class TaskDefinitionStatus { kActive, kInactive, kDeleteInProgress };
enum class TaskDefinitionFamilyStatus { kActive, kInactive, kAll };

/// A task definition as the API shows it: what was registered, and what ECS adds to it. One object
/// in JSON.
struct RegisteredTaskDefinition {
  /// With its revision. Its tags are told beside it, never in it.
  TaskDefinition definition;
  std::string taskDefinitionArn;
  TaskDefinitionStatus status = TaskDefinitionStatus::kActive;
  std::vector<Attribute> requiresAttributes;
  std::vector<Compatibility> compatibilities;
  std::optional<WallTime> registeredAt;
  std::optional<WallTime> deregisteredAt;
  std::optional<std::string> registeredBy;  // ARN

  bool operator==(const RegisteredTaskDefinition&) const = default;
};

struct TaskDefinitionResponse {
  RegisteredTaskDefinition taskDefinition;
  std::vector<Tag> tags;
};

struct DescribeTaskDefinitionRequest {
  std::string taskDefinition;        // family, family:revision or ARN
  std::vector<std::string> include;  // TAGS
};

struct DeregisterTaskDefinitionRequest {
  std::string taskDefinition;  // family:revision or ARN
};

struct DeleteTaskDefinitionsRequest {
  std::vector<std::string> taskDefinitions;
};

struct DeleteTaskDefinitionsResponse {
  std::vector<RegisteredTaskDefinition> taskDefinitions;
  std::vector<Failure> failures;
};

struct ListTaskDefinitionsRequest {
  std::optional<std::string> familyPrefix;
  std::optional<TaskDefinitionStatus> status;
  std::optional<SortOrder> sort;
  std::optional<std::string> nextToken;
  std::optional<int64_t> maxResults;
};

struct ListTaskDefinitionsResponse {
  std::vector<std::string> taskDefinitionArns;
  std::optional<std::string> nextToken;
};

struct ListTaskDefinitionFamiliesRequest {
  std::optional<std::string> familyPrefix;
  std::optional<TaskDefinitionFamilyStatus> status;
  std::optional<std::string> nextToken;
  std::optional<int64_t> maxResults;
};

struct ListTaskDefinitionFamiliesResponse {
  std::vector<std::string> families;
  std::optional<std::string> nextToken;
};

}  // namespace berth::ecs::api
