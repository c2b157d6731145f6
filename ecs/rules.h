// The rules of a task definition, by subject: each adds what it finds wrong. FindProblems calls
// them all; each trusts nothing that another checks.
#pragma once

#include <algorithm>

#include "ecs/place.h"
#include "ecs/task_definition.h"

namespace berth::ecs {

inline bool Requires(const TaskDefinition& definition, Compatibility compatibility) {
  const auto& needs = definition.requiresCompatibilities;
  return std::find(needs.begin(), needs.end(), compatibility) != needs.end();
}

/// `at` is the definition's place (the top of the document).
void CheckTask(const TaskDefinition& definition, const Place& at);
void CheckTaskSize(const TaskDefinition& definition, const Place& at);
void CheckTags(const std::vector<Tag>& tags, const Place& at);
void CheckPorts(const TaskDefinition& definition, const Place& at);
void CheckDependencies(const TaskDefinition& definition, const Place& at);
void CheckVolumes(const TaskDefinition& definition, const Place& at);
void CheckLogging(const TaskDefinition& definition, const Place& at);
void CheckSystemControls(const TaskDefinition& definition, const Place& at);
/// Only for definitions that require FARGATE.
void CheckFargate(const TaskDefinition& definition, const Place& at);

/// `at` is the container's place.
void CheckContainer(const TaskDefinition& definition, const ContainerDefinition& container,
                    const Place& at);
void CheckEnvironment(const ContainerDefinition& container, const Place& at);
void CheckLinuxParameters(const LinuxParameters& parameters, const Place& at);
void CheckUlimits(const std::vector<Ulimit>& ulimits, const Place& at);

/// `at` is the list's place.
void CheckEnvironmentFiles(const std::vector<EnvironmentFile>& files, const Place& at);

}  // namespace berth::ecs
