#include "ecs/validate.h"

#include "ecs/dump.h"
#include "ecs/rules.h"

namespace berth::ecs {
namespace {

constexpr size_t kMostBytes = 64 * 1024;

}  // namespace

JsonProblems FindProblems(const TaskDefinition& definition) {
  JsonProblems problems;
  const Place at(problems);
  const size_t bytes = DumpTaskDefinition(definition).size();
  if (bytes > kMostBytes) {
    // Said alone: the rules compare each with each, which takes long where there are thousands.
    at.Complain("a task definition must have at most {} bytes, not {}", kMostBytes, bytes);
    return problems;
  }
  CheckTask(definition, at);
  CheckTaskSize(definition, at);
  CheckTags(definition.tags, at["tags"]);
  for (size_t i = 0; i < definition.containerDefinitions.size(); ++i) {
    CheckContainer(definition, definition.containerDefinitions[i], at["containerDefinitions"][i]);
  }
  CheckPorts(definition, at);
  CheckDependencies(definition, at);
  CheckVolumes(definition, at);
  CheckLogging(definition, at);
  CheckSystemControls(definition, at);
  if (Requires(definition, Compatibility::kFargate)) CheckFargate(definition, at);
  return problems;
}

Result<void> ValidateTaskDefinition(const TaskDefinition& definition) {
  return FindProblems(definition).Check();
}

}  // namespace berth::ecs
