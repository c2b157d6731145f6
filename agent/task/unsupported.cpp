#include "agent/task/unsupported.h"

#include <algorithm>

#include "base/format.h"

namespace berth::agent {
namespace {

using FieldPaths = std::vector<std::string>;

void FindInVolumes(const ecs::TaskDefinition& definition, FieldPaths& found) {
  for (size_t i = 0; i < definition.volumes.size(); ++i) {
    const ecs::Volume& volume = definition.volumes[i];
    const auto add = [&, i](std::string_view field) {
      found.push_back(fmt::format("volumes[{}].{}", i, field));
    };
    if (volume.efsVolumeConfiguration) add("efsVolumeConfiguration");
    if (volume.s3filesVolumeConfiguration) add("s3filesVolumeConfiguration");
    if (volume.fsxWindowsFileServerVolumeConfiguration) {
      add("fsxWindowsFileServerVolumeConfiguration");
    }
    if (volume.configuredAtLaunch) add("configuredAtLaunch");
    if (!volume.dockerVolumeConfiguration) continue;
    const ecs::DockerVolumeConfiguration& docker = *volume.dockerVolumeConfiguration;
    if (docker.driver.value_or("local") != "local") add("dockerVolumeConfiguration.driver");
    if (!docker.driverOpts.empty()) add("dockerVolumeConfiguration.driverOpts");
  }
}

bool KnownSecurityOption(const std::string& option) {
  constexpr std::string_view kKnown[] = {"no-new-privileges", "no-new-privileges:true",
                                         "seccomp=unconfined", "seccomp:unconfined"};
  return std::find(std::begin(kKnown), std::end(kKnown), option) != std::end(kKnown);
}

void FindInLog(const ecs::LogConfiguration& log, const std::string& path, FieldPaths& found) {
  if (log.logDriver != ecs::LogDriver::kJsonFile) {
    found.push_back(path + ".logDriver");
    return;
  }
  for (const auto& [option, value] : log.options) {
    if (option != "max-size" && option != "max-file") {
      found.push_back(fmt::format("{}.options.{}", path, option));
    }
  }
  if (!log.secretOptions.empty()) found.push_back(path + ".secretOptions");
}

void FindInContainer(const ecs::ContainerDefinition& container, const std::string& path,
                     FieldPaths& found) {
  const auto add_if = [&](bool asked_for, std::string_view field) {
    if (asked_for) found.push_back(fmt::format("{}.{}", path, field));
  };
  add_if(container.repositoryCredentials.has_value(), "repositoryCredentials");
  add_if(!container.environmentFiles.empty(), "environmentFiles");
  add_if(!container.secrets.empty(), "secrets");
  add_if(!container.resourceRequirements.empty(), "resourceRequirements");
  add_if(container.firelensConfiguration.has_value(), "firelensConfiguration");
  add_if(!container.credentialSpecs.empty(), "credentialSpecs");
  for (size_t i = 0; i < container.dockerSecurityOptions.size(); ++i) {
    add_if(!KnownSecurityOption(container.dockerSecurityOptions[i]),
           fmt::format("dockerSecurityOptions[{}]", i));
  }
  if (container.linuxParameters) {
    // cgroup v2 has no swappiness.
    add_if(container.linuxParameters->swappiness.has_value(), "linuxParameters.swappiness");
  }
  if (container.logConfiguration) {
    FindInLog(*container.logConfiguration, path + ".logConfiguration", found);
  }
}

}  // namespace

std::vector<std::string> FindUnsupported(const ecs::TaskDefinition& definition) {
  FieldPaths found;
  const auto add_if = [&](bool asked_for, const char* field) {
    if (asked_for) found.emplace_back(field);
  };
  add_if(definition.taskRoleArn.has_value(), "taskRoleArn");
  add_if(definition.executionRoleArn.has_value(), "executionRoleArn");
  add_if(!definition.placementConstraints.empty(), "placementConstraints");
  add_if(definition.pidMode == ecs::PidMode::kTask, "pidMode \"task\"");
  add_if(definition.proxyConfiguration.has_value(), "proxyConfiguration");
  add_if(definition.ephemeralStorage.has_value(), "ephemeralStorage");
  add_if(!definition.inferenceAccelerators.empty(), "inferenceAccelerators");
  add_if(definition.enableFaultInjection, "enableFaultInjection");
  FindInVolumes(definition, found);
  for (size_t i = 0; i < definition.containerDefinitions.size(); ++i) {
    FindInContainer(definition.containerDefinitions[i], fmt::format("containerDefinitions[{}]", i),
                    found);
  }
  return found;
}

}  // namespace berth::agent
