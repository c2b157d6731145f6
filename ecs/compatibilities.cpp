#include "ecs/compatibilities.h"

#include <algorithm>

#include "ecs/rules.h"
#include "ecs/validate.h"

namespace berth::ecs {
namespace {

bool CouldBeExternal(const TaskDefinition& definition) {
  if (definition.networkMode == NetworkMode::kAwsvpc || definition.proxyConfiguration) return false;
  if (!definition.inferenceAccelerators.empty() || definition.enableFaultInjection) return false;
  const bool has_foreign_volumes =
      std::any_of(definition.volumes.begin(), definition.volumes.end(), [](const Volume& volume) {
        return volume.efsVolumeConfiguration || volume.s3filesVolumeConfiguration ||
               volume.fsxWindowsFileServerVolumeConfiguration || volume.configuredAtLaunch;
      });
  if (has_foreign_volumes) return false;
  // Ports with a protocol are for Service Connect, which has no external instances.
  for (const ContainerDefinition& container : definition.containerDefinitions) {
    for (const PortMapping& mapping : container.portMappings) {
      if (mapping.appProtocol) return false;
    }
  }
  return true;
}

// What passes the rules of FARGATE as if it had asked for it.
bool CouldBeFargate(TaskDefinition definition) {
  definition.requiresCompatibilities = {Compatibility::kFargate};
  return FindProblems(definition).empty();
}

}  // namespace

std::vector<Compatibility> Compatibilities(const TaskDefinition& definition) {
  std::vector<Compatibility> kinds;
  if (CouldBeExternal(definition)) kinds.push_back(Compatibility::kExternal);
  kinds.push_back(Compatibility::kEc2);
  if (CouldBeFargate(definition)) kinds.push_back(Compatibility::kFargate);
  if (Requires(definition, Compatibility::kManagedInstances)) {
    kinds.push_back(Compatibility::kManagedInstances);
  }
  return kinds;
}

}  // namespace berth::ecs
