#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "ecs/validate.h"
#include "ecs/wire/convert.h"
#include "ecs/wire/from_docker.h"

namespace berth::ecs::wire {
namespace {

std::vector<KeyValuePair> ToPairs(const std::map<std::string, std::string>& map) {
  std::vector<KeyValuePair> pairs;
  for (const auto& [name, value] : map) pairs.push_back({name, value});
  return pairs;
}

// Go leaves 0 where nothing was given.
std::optional<int64_t> Given(std::optional<int64_t> value) {
  return value == 0 ? std::nullopt : value;
}
std::optional<std::string> Given(const std::optional<std::string>& text) {
  return text == "" ? std::nullopt : text;
}

std::optional<uint16_t> ToPort(std::optional<int64_t> port, const Place& at) {
  if (!port) return std::nullopt;
  at.CheckRange(*port, 0, UINT16_MAX);
  return static_cast<uint16_t>(*port);
}

// -- containers -----------------------------------------------------------------------------------

void ReadPorts(const AcsContainer& from, const Place& at, ContainerDefinition& to) {
  for (size_t i = 0; i < from.portMappings.size(); ++i) {
    const AcsPortMapping& port = from.portMappings[i];
    const Place place = at["portMappings"][i];
    to.portMappings.push_back(
        {.containerPort = ToPort(Given(port.containerPort), place["containerPort"]),
         .hostPort = ToPort(port.hostPort, place["hostPort"]),
         .protocol = ToEnum(port.protocol.empty() ? "tcp" : port.protocol, TransportProtocol::kTcp,
                            place["protocol"]),
         .containerPortRange = Given(port.containerPortRange)});
  }
}

void ReadSecrets(const AcsContainer& from, const Place& at, ContainerDefinition& to) {
  for (size_t i = 0; i < from.secrets.size(); ++i) {
    const AcsSecret& secret = from.secrets[i];
    const Place place = at["secrets"][i];
    if (Given(secret.containerPath)) place["containerPath"].Complain("is not supported");
    const std::string type = secret.type.value_or("");
    const std::string target = secret.target.value_or("");
    if (target == "LOG_DRIVER") {
      if (to.logConfiguration) {
        to.logConfiguration->secretOptions.push_back({secret.name, secret.valueFrom});
      } else {
        place["target"].Complain("is LOG_DRIVER, but hostConfig has no LogConfig");
      }
    } else if ((target.empty() || target == "CONTAINER") &&
               (type.empty() || type == "ENVIRONMENT_VARIABLE")) {
      to.secrets.push_back({secret.name, secret.valueFrom});
    } else {
      place.Complain("type {} for target {} is not supported", QuoteJson(type), QuoteJson(target));
    }
  }
}

void ReadLists(const AcsContainer& from, const Place& at, ContainerDefinition& to) {
  for (size_t i = 0; i < from.environmentFiles.size(); ++i) {
    const AcsEnvironmentFile& file = from.environmentFiles[i];
    to.environmentFiles.push_back({file.value, ToEnum(file.type, EnvironmentFileType::kS3,
                                                      at["environmentFiles"][i]["type"])});
  }
  for (const AcsMountPoint& mount : from.mountPoints) {
    to.mountPoints.push_back({mount.sourceVolume, mount.containerPath, mount.readOnly});
  }
  for (const AcsVolumeFrom& volumes : from.volumesFrom) {
    to.volumesFrom.push_back({volumes.sourceContainer, volumes.readOnly});
  }
  for (size_t i = 0; i < from.dependsOn.size(); ++i) {
    const AcsDependency& each = from.dependsOn[i];
    to.dependsOn.push_back({each.containerName, ToEnum(each.condition, ContainerCondition::kStart,
                                                       at["dependsOn"][i]["condition"])});
  }
  ReadPorts(from, at, to);
}

void ReadRegistry(const AcsContainer& from, const Place& at, ContainerDefinition& to) {
  if (!from.registryAuthentication) return;
  const RegistryAuthentication& registry = *from.registryAuthentication;
  if (registry.type == "asm" && registry.asmAuthData) {
    to.repositoryCredentials = RepositoryCredentials{registry.asmAuthData->credentialsParameter};
  } else if (registry.type != "ecr") {  // which the image's name says by itself
    at["registryAuthentication"]["type"].Complain("must be ecr or asm, with its data, not {}",
                                                  QuoteJson(registry.type));
  }
}

ContainerDefinition ReadContainer(const AcsContainer& from, const Place& at) {
  ContainerDefinition to{.name = from.name,
                         .image = from.image,
                         .cpu = from.cpu,
                         .memory = Given(from.memory),
                         .links = from.links,
                         .essential = from.essential,
                         .entryPoint = from.entryPoint,
                         .command = from.command,
                         .environment = ToPairs(from.environment),
                         .startTimeout = Given(from.startTimeout),
                         .stopTimeout = Given(from.stopTimeout),
                         .credentialSpecs = from.credentialSpecs};
  if (from.restartPolicy) {
    to.restartPolicy =
        ContainerRestartPolicy{from.restartPolicy->enabled, from.restartPolicy->ignoredExitCodes};
    if (const auto period = Given(from.restartPolicy->restartAttemptPeriod)) {
      to.restartPolicy->restartAttemptPeriod = *period;
    }
  }
  if (const auto& firelens = from.firelensConfiguration) {
    to.firelensConfiguration =
        FirelensConfiguration{ToEnum(firelens->type, FirelensConfigurationType::kFluentbit,
                                     at["firelensConfiguration"]["type"]),
                              firelens->options};
  }
  if (const auto type = Given(from.healthCheckType); type && type != "docker") {
    at["healthCheckType"].Complain("must be docker, not {}", QuoteJson(*type));
  }
  ReadLists(from, at, to);
  ReadDockerConfig(from.dockerConfig.value_or(DockerConfig{}), at["dockerConfig"], to);
  ReadSecrets(from, at, to);
  ReadRegistry(from, at, to);
  ReadOverrides(from.overrides.value_or(""), at["overrides"], to);
  return to;
}

// -- the task -------------------------------------------------------------------------------------

EfsVolumeConfiguration ReadEfs(const AcsEfsVolume& from, const Place& at) {
  EfsVolumeConfiguration to{
      .fileSystemId = from.fileSystemId,
      .rootDirectory = Given(from.rootDirectory),
      .transitEncryption = ToEnum(Given(from.transitEncryption).value_or("DISABLED"),
                                  Switch::kDisabled, at["transitEncryption"]),
      .transitEncryptionPort = Given(from.transitEncryptionPort)};
  if (const auto& authorization = from.authorizationConfig) {
    to.authorizationConfig =
        EfsAuthorizationConfig{Given(authorization->accessPointId),
                               ToEnum(Given(authorization->iam).value_or("DISABLED"),
                                      Switch::kDisabled, at["authorizationConfig"]["iam"])};
  }
  return to;
}

Volume ReadVolume(const AcsVolume& from, const Place& at) {
  Volume to{.name = from.name};
  const std::string type = Given(from.type).value_or("host");
  if (type == "host") {
    if (from.host && Given(from.host->sourcePath)) {
      to.host = HostVolumeProperties{from.host->sourcePath};
    }
  } else if (type == "docker" && from.dockerVolumeConfiguration) {
    const AcsDockerVolume& docker = *from.dockerVolumeConfiguration;
    to.dockerVolumeConfiguration = DockerVolumeConfiguration{
        .scope = ToEnum(Given(docker.scope).value_or("task"), VolumeScope::kTask,
                        at["dockerVolumeConfiguration"]["scope"]),
        .autoprovision = docker.autoprovision.value_or(false),
        .driver = Given(docker.driver),
        .driverOpts = docker.driverOpts,
        .labels = docker.labels};
  } else if (type == "efs" && from.efsVolumeConfiguration) {
    to.efsVolumeConfiguration = ReadEfs(*from.efsVolumeConfiguration, at["efsVolumeConfiguration"]);
  } else if (type == "docker" || type == "efs") {
    at.Complain("has type {} without its configuration", type);
  } else {
    at["type"].Complain("must be host, docker or efs, not {}", QuoteJson(type));
  }
  return to;
}

void AddRequirement(TaskDefinition& task, const std::string& container, ResourceType type,
                    const std::string& value) {
  for (ContainerDefinition& each : task.containerDefinitions) {
    if (each.name != container) continue;
    auto& wants = each.resourceRequirements;
    const auto same = std::find_if(wants.begin(), wants.end(),
                                   [&](const auto& want) { return want.type == type; });
    if (type == ResourceType::kGpu && same != wants.end()) {
      same->value = std::to_string(ParseInteger<int>(same->value).value_or(0) + 1);
    } else {
      wants.push_back({value, type});
    }
  }
}

void ReadAssociation(const Association& from, const Place& at, TaskDefinition& to) {
  if (from.type == "gpu") {
    for (const std::string& each : from.containers) {
      AddRequirement(to, each, ResourceType::kGpu, "1");
    }
  } else if (from.type == "elastic-inference") {
    to.inferenceAccelerators.push_back({from.name, from.content.value});
    for (const std::string& each : from.containers) {
      AddRequirement(to, each, ResourceType::kInferenceAccelerator, from.name);
    }
  } else if (from.type == "neuron-device") {
    for (const std::string& each : from.containers) {
      AddRequirement(to, each, ResourceType::kNeuronDevice, from.name);
    }
  } else {
    at["type"].Complain("must be gpu or elastic-inference, not {}", QuoteJson(from.type));
  }
}

void ReadSizes(const AcsTask& from, const Place& at, TaskDefinition& to) {
  constexpr double kMostProcessors = 1e6;
  if (!(from.cpu >= 0 && from.cpu <= kMostProcessors)) {
    at["cpu"].Complain("must be a number of vCPUs, not {}", from.cpu);
  } else {
    to.cpu = Given(std::llround(from.cpu * 1024));
  }
  to.memory = Given(from.memory);
  if (from.version.empty()) return;
  to.revision = ParseInteger<int64_t>(from.version);
  if (!to.revision) at["version"].Complain("must be a number, not {}", QuoteJson(from.version));
}

// What the task says; from servers that don't, what all of its containers say.
void ReadNetworkMode(const AcsTask& from, const Place& at, TaskDefinition& to) {
  std::optional<std::string> mode = Given(from.networkMode);
  for (size_t i = 0; i < from.containers.size(); ++i) {
    const auto given = NetworkModeOf(from.containers[i].dockerConfig.value_or(DockerConfig{}));
    if (!given) continue;
    if (!mode) mode = given;
    if (*mode != *given) {
      at["containers"][i]["dockerConfig"]["hostConfig"].Complain(
          "NetworkMode is {}, but the task's is {}", QuoteJson(*given), QuoteJson(*mode));
    }
  }
  if (!mode || mode == "default") return;
  to.networkMode = ToEnum(*mode, NetworkMode::kBridge, at["networkMode"]);
}

}  // namespace

Result<TaskDefinition> FromAcsTask(const AcsTask& task) {
  JsonProblems problems;
  const Place at(problems);
  TaskDefinition definition{.family = task.family};
  ReadSizes(task, at, definition);
  ReadNetworkMode(task, at, definition);
  for (size_t i = 0; i < task.containers.size(); ++i) {
    definition.containerDefinitions.push_back(
        ReadContainer(task.containers[i], at["containers"][i]));
  }
  for (size_t i = 0; i < task.volumes.size(); ++i) {
    definition.volumes.push_back(ReadVolume(task.volumes[i], at["volumes"][i]));
  }
  for (size_t i = 0; i < task.associations.size(); ++i) {
    ReadAssociation(task.associations[i], at["associations"][i], definition);
  }
  if (const auto mode = Given(task.pidMode)) {
    definition.pidMode = ToEnum(*mode, PidMode::kTask, at["pidMode"]);
  }
  if (const auto mode = Given(task.ipcMode)) {
    definition.ipcMode = ToEnum(*mode, IpcMode::kTask, at["ipcMode"]);
  }
  if (const auto& proxy = task.proxyConfiguration) {
    definition.proxyConfiguration = ProxyConfiguration{
        ToEnum(proxy->type, ProxyConfigurationType::kAppmesh, at["proxyConfiguration"]["type"]),
        proxy->containerName, ToPairs(proxy->properties)};
  }
  if (const auto& role = task.roleCredentials) definition.taskRoleArn = Given(role->roleArn);
  if (const auto& role = task.executionRoleCredentials) {
    definition.executionRoleArn = Given(role->roleArn);
  }
  definition.enableFaultInjection = task.enableFaultInjection.value_or(false);
  TRY(problems.Check());
  TRY(ValidateTaskDefinition(definition));
  return definition;
}

}  // namespace berth::ecs::wire
