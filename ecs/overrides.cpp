#include "ecs/overrides.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ecs/read.h"
#include "ecs/rules.h"
#include "ecs/skeleton.h"
#include "ecs/validate.h"

namespace berth::ecs {
namespace {

void CheckOverrides(const TaskOverride& overrides, const Place& at) {
  for (size_t i = 0; i < overrides.containerOverrides.size(); ++i) {
    const ContainerOverride& container = overrides.containerOverrides[i];
    const Place place = at["containerOverrides"][i];
    place.CheckGiven("name", container.name);
    for (size_t j = 0; j < container.environment.size(); ++j) {
      place["environment"][j].CheckGiven("name", container.environment[j].name);
    }
    if (container.memory) place["memory"].CheckLeast(*container.memory, 4);
    if (container.memoryReservation) {
      place["memoryReservation"].CheckLeast(*container.memoryReservation, 4);
    }
    if (container.cpu) place["cpu"].CheckLeast(*container.cpu, 0);
    CheckEnvironmentFiles(container.environmentFiles, place["environmentFiles"]);
  }
}

void MergeEnvironment(std::vector<KeyValuePair>& into, const std::vector<KeyValuePair>& from) {
  for (const KeyValuePair& variable : from) {
    const auto same = [&](const KeyValuePair& each) { return each.name == variable.name; };
    // Of two variables of one name the last counts, so all of them go.
    into.erase(std::remove_if(into.begin(), into.end(), same), into.end());
    into.push_back(variable);
  }
}

void Apply(const ContainerOverride& from, ContainerDefinition& to) {
  if (!from.command.empty()) to.command = from.command;
  MergeEnvironment(to.environment, from.environment);
  // A variable that is given by value no longer comes from a secret.
  const auto given = [&](const Secret& secret) {
    return std::any_of(from.environment.begin(), from.environment.end(),
                       [&](const KeyValuePair& each) { return each.name == secret.name; });
  };
  to.secrets.erase(std::remove_if(to.secrets.begin(), to.secrets.end(), given), to.secrets.end());
  if (!from.environmentFiles.empty()) to.environmentFiles = from.environmentFiles;
  if (from.cpu) to.cpu = *from.cpu;
  if (from.memory) to.memory = from.memory;
  if (from.memoryReservation) to.memoryReservation = from.memoryReservation;
  if (!from.resourceRequirements.empty()) to.resourceRequirements = from.resourceRequirements;
}

}  // namespace

Result<TaskOverride> ParseTaskOverride(std::string_view json) {
  const Json document = WithoutBlanks(TRY(ParseInput(json)));
  JsonProblems problems;
  TaskOverride overrides;
  const JsonReader in(document, problems);
  RefuseNul(in);
  if (in.IsObject() && document.contains("overrides")) {
    in.Read("overrides", overrides);
    in.RefuseOtherFields();
  } else {
    ReadJson(in, overrides);
  }
  TRY(problems.Check());
  CheckOverrides(overrides, Place(problems));
  TRY(problems.Check());
  return overrides;
}

Result<TaskDefinition> ApplyOverrides(TaskDefinition definition, const TaskOverride& overrides) {
  JsonProblems problems;
  const Place at(problems);
  auto& containers = definition.containerDefinitions;
  for (size_t i = 0; i < overrides.containerOverrides.size(); ++i) {
    const ContainerOverride& override = overrides.containerOverrides[i];
    const auto named = std::find_if(containers.begin(), containers.end(),
                                    [&](const auto& each) { return each.name == override.name; });
    if (named == containers.end()) {
      at["containerOverrides"][i]["name"].Complain("no container is named {}",
                                                   QuoteJson(override.name));
    } else {
      Apply(override, *named);
    }
  }
  auto& accelerators = definition.inferenceAccelerators;
  for (size_t i = 0; i < overrides.inferenceAcceleratorOverrides.size(); ++i) {
    const auto& [name, type] = overrides.inferenceAcceleratorOverrides[i];
    const auto named =
        std::find_if(accelerators.begin(), accelerators.end(),
                     [&name = name](const auto& each) { return each.deviceName == name; });
    if (named == accelerators.end()) {
      at["inferenceAcceleratorOverrides"][i]["deviceName"].Complain(
          "no inferenceAccelerator is named {}", QuoteJson(name));
    } else {
      named->deviceType = type;
    }
  }
  TRY(problems.Check());
  if (overrides.cpu) definition.cpu = overrides.cpu;
  if (overrides.memory) definition.memory = overrides.memory;
  if (overrides.taskRoleArn) definition.taskRoleArn = overrides.taskRoleArn;
  if (overrides.executionRoleArn) definition.executionRoleArn = overrides.executionRoleArn;
  if (overrides.ephemeralStorage) definition.ephemeralStorage = overrides.ephemeralStorage;
  TRY(ValidateTaskDefinition(definition));
  return definition;
}

}  // namespace berth::ecs
