#include <algorithm>
#include <limits>

#include "ecs/names.h"
#include "ecs/wire/convert.h"
#include "ecs/wire/docker_config.h"

namespace berth::ecs::wire {
namespace {

int64_t Times(int64_t value, int64_t unit) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  return value > kMost / unit ? kMost : value * unit;
}
int64_t Bytes(int64_t mib) { return Times(mib, 1 << 20); }
int64_t Nanoseconds(int64_t seconds) { return Times(seconds, 1'000'000'000); }

std::string Text(std::string_view text) { return std::string(text); }

std::map<std::string, std::string> ToMap(const std::vector<KeyValuePair>& pairs) {
  std::map<std::string, std::string> map;
  for (const KeyValuePair& pair : pairs) map[pair.name] = pair.value;
  return map;
}

// The fourth part of an ARN: arn:PARTITION:SERVICE:REGION:...
std::optional<std::string> RegionOf(std::string_view arn) {
  if (!arn.starts_with("arn:")) return std::nullopt;
  for (int i = 0; i < 3; ++i) arn.remove_prefix(std::min(arn.size(), arn.find(':') + 1));
  const std::string_view region = arn.substr(0, arn.find(':'));
  return region.empty() ? std::nullopt : std::optional(std::string(region));
}

// -- docker's part --------------------------------------------------------------------------------

DockerContainerConfig ToContainerConfig(const ContainerDefinition& from) {
  DockerContainerConfig to{.Hostname = from.hostname.value_or(""),
                           .User = from.user.value_or(""),
                           .WorkingDir = from.workingDirectory.value_or(""),
                           .Labels = from.dockerLabels,
                           .OpenStdin = from.interactive,
                           .Tty = from.pseudoTerminal,
                           .NetworkDisabled = from.disableNetworking};
  if (from.healthCheck) {
    to.Healthcheck = DockerHealthcheck{.Test = from.healthCheck->command,
                                       .Interval = Nanoseconds(from.healthCheck->interval),
                                       .Timeout = Nanoseconds(from.healthCheck->timeout),
                                       .Retries = from.healthCheck->retries,
                                       .StartPeriod = Nanoseconds(from.healthCheck->startPeriod)};
  }
  return to;
}

DockerDevice ToDevice(const Device& from) {
  std::string permissions;
  for (const auto& [permission, letter] :
       {std::pair(DevicePermission::kRead, 'r'), std::pair(DevicePermission::kWrite, 'w'),
        std::pair(DevicePermission::kMknod, 'm')}) {
    const auto& given = from.permissions;
    const bool has = std::find(given.begin(), given.end(), permission) != given.end();
    if (given.empty() || has) permissions += letter;
  }
  return {.PathOnHost = from.hostPath,
          .PathInContainer = from.containerPath.value_or(from.hostPath),
          .CgroupPermissions = permissions};
}

void AddLinuxParameters(const ContainerDefinition& container, DockerHostConfig& to) {
  if (!container.linuxParameters) return;
  const LinuxParameters& from = *container.linuxParameters;
  if (from.capabilities) {
    to.CapAdd = from.capabilities->add;
    to.CapDrop = from.capabilities->drop;
  }
  for (const Device& device : from.devices) to.Devices.push_back(ToDevice(device));
  to.Init = from.initProcessEnabled;
  to.ShmSize = Bytes(from.sharedMemorySize.value_or(0));
  for (const Tmpfs& tmpfs : from.tmpfs) {
    std::string options = fmt::format("size={}m", tmpfs.size);
    for (const std::string& option : tmpfs.mountOptions) options += "," + option;
    to.Tmpfs[tmpfs.containerPath] = options;
  }
  if (from.maxSwap) {
    const int64_t memory = Bytes(container.memory.value_or(0));
    to.MemorySwap = memory + std::min(Bytes(*from.maxSwap), INT64_MAX - memory);
  }
  to.MemorySwappiness = from.swappiness;
}

DockerHostConfig ToHostConfig(const ContainerDefinition& from, NetworkMode mode) {
  DockerHostConfig to{.NetworkMode = Text(NameOf(mode)),
                      .MemoryReservation = Bytes(from.memoryReservation.value_or(0)),
                      .Privileged = from.privileged,
                      .ReadonlyRootfs = from.readonlyRootFilesystem,
                      .Dns = from.dnsServers,
                      .DnsSearch = from.dnsSearchDomains,
                      .SecurityOpt = from.dockerSecurityOptions};
  for (const HostEntry& entry : from.extraHosts) {
    to.ExtraHosts.push_back(fmt::format("{}:{}", entry.hostname, entry.ipAddress));
  }
  for (const Ulimit& limit : from.ulimits) {
    to.Ulimits.push_back({Text(NameOf(limit.name)), limit.softLimit, limit.hardLimit});
  }
  for (const SystemControl& control : from.systemControls) {
    to.Sysctls[control.namespace_] = control.value;
  }
  if (from.logConfiguration) {
    to.LogConfig = DockerLogConfig{Text(NameOf(from.logConfiguration->logDriver)),
                                   from.logConfiguration->options};
  }
  AddLinuxParameters(from, to);
  return to;
}

DockerConfig ToDockerConfig(const ContainerDefinition& from, NetworkMode mode) {
  const DockerHostConfig host = ToHostConfig(from, mode);
  // The first version of Docker's API that has what is asked for; agents of today ask for 1.21 up.
  return {.config = FormatContainerConfig(ToContainerConfig(from)),
          .hostConfig = FormatHostConfig(host),
          .version = host.Init          ? "1.25"
                     : from.healthCheck ? "1.24"
                                        : "1.21"};
}

// -- containers -----------------------------------------------------------------------------------

AcsSecret ToSecret(const Secret& from) {
  const bool manager = from.valueFrom.find(":secretsmanager:") != std::string::npos;
  return {.name = from.name,
          .valueFrom = from.valueFrom,
          .region = RegionOf(from.valueFrom),
          .provider = manager ? "asm" : "ssm"};
}

void AddSecrets(const ContainerDefinition& from, AcsContainer& to) {
  for (const Secret& secret : from.secrets) {
    to.secrets.push_back(ToSecret(secret));
    to.secrets.back().type = "ENVIRONMENT_VARIABLE";
    to.secrets.back().target = "CONTAINER";
  }
  if (!from.logConfiguration) return;
  for (const Secret& secret : from.logConfiguration->secretOptions) {
    // Without a type: agents would put it into the environment.
    to.secrets.push_back(ToSecret(secret));
    to.secrets.back().target = "LOG_DRIVER";
  }
}

// How to log in where the image comes from; nothing if it needs no login or is not of AWS.
std::optional<RegistryAuthentication> ToRegistry(const ContainerDefinition& from,
                                                 bool has_execution_role) {
  if (from.repositoryCredentials) {
    const std::string& secret = from.repositoryCredentials->credentialsParameter;
    return RegistryAuthentication{
        .type = "asm", .asmAuthData = AsmAuthData{secret, RegionOf(secret).value_or("")}};
  }
  // 123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1
  constexpr std::string_view kInfix = ".dkr.ecr.";
  const size_t infix = from.image.find(kInfix);
  const size_t suffix = from.image.find(".amazonaws.com");
  if (infix == std::string::npos || suffix == std::string::npos || suffix < infix) {
    return std::nullopt;
  }
  const size_t region = infix + kInfix.size();
  return RegistryAuthentication{
      .type = "ecr",
      .ecrAuthData = EcrAuthData{.registryId = from.image.substr(0, infix),
                                 .region = from.image.substr(region, suffix - region),
                                 .endpointOverride = "",
                                 .useExecutionRole = has_execution_role}};
}

void AddLists(const ContainerDefinition& from, AcsContainer& to) {
  for (const EnvironmentFile& file : from.environmentFiles) {
    to.environmentFiles.push_back({file.value, Text(NameOf(file.type))});
  }
  for (const MountPoint& mount : from.mountPoints) {
    to.mountPoints.push_back({mount.containerPath, mount.readOnly, mount.sourceVolume});
  }
  for (const VolumeFrom& volumes : from.volumesFrom) {
    to.volumesFrom.push_back({volumes.readOnly, volumes.sourceContainer});
  }
  for (const PortMapping& port : from.portMappings) {
    to.portMappings.push_back({.containerPort = port.containerPort,
                               .hostPort = port.hostPort,
                               .protocol = Text(NameOf(port.protocol)),
                               .containerPortRange = port.containerPortRange});
  }
  for (const ContainerDependency& dependency : from.dependsOn) {
    to.dependsOn.push_back({dependency.containerName, Text(NameOf(dependency.condition))});
  }
  AddSecrets(from, to);
}

AcsContainer ToContainer(const ContainerDefinition& from, const TaskDefinition& task) {
  AcsContainer to{.name = from.name,
                  .image = from.image,
                  .cpu = from.cpu,
                  .memory = from.memory.value_or(0),
                  .essential = from.essential,
                  .command = from.command,
                  .entryPoint = from.entryPoint,
                  .environment = ToMap(from.environment),
                  .links = from.links,
                  .startTimeout = from.startTimeout,
                  .stopTimeout = from.stopTimeout,
                  .dockerConfig = ToDockerConfig(from, task.networkMode),
                  .registryAuthentication = ToRegistry(from, task.executionRoleArn.has_value()),
                  .credentialSpecs = from.credentialSpecs,
                  .overrides = "{}"};
  AddLists(from, to);
  if (from.firelensConfiguration) {
    to.firelensConfiguration = AcsFirelensConfiguration{
        Text(NameOf(from.firelensConfiguration->type)), from.firelensConfiguration->options};
  }
  if (from.healthCheck) to.healthCheckType = "docker";
  if (from.logConfiguration && from.logConfiguration->logDriver == LogDriver::kAwslogs &&
      task.executionRoleArn) {
    to.logsAuthStrategy = "ExecutionRole";
  }
  if (from.restartPolicy) {
    to.restartPolicy =
        AcsRestartPolicy{from.restartPolicy->enabled, from.restartPolicy->ignoredExitCodes,
                         from.restartPolicy->restartAttemptPeriod};
  }
  return to;
}

// -- the task -------------------------------------------------------------------------------------

AcsVolume ToVolume(const Volume& from) {
  AcsVolume to{.name = from.name, .type = "host"};
  if (const auto& docker = from.dockerVolumeConfiguration) {
    to.type = "docker";
    to.dockerVolumeConfiguration = AcsDockerVolume{.scope = Text(NameOf(docker->scope)),
                                                   .autoprovision = docker->autoprovision,
                                                   .driver = docker->driver,
                                                   .driverOpts = docker->driverOpts,
                                                   .labels = docker->labels};
  } else if (const auto& efs = from.efsVolumeConfiguration) {
    to.type = "efs";
    to.efsVolumeConfiguration =
        AcsEfsVolume{.fileSystemId = efs->fileSystemId,
                     .rootDirectory = efs->rootDirectory,
                     .transitEncryption = Text(NameOf(efs->transitEncryption)),
                     .transitEncryptionPort = efs->transitEncryptionPort};
    if (const auto& authorization = efs->authorizationConfig) {
      to.efsVolumeConfiguration->authorizationConfig =
          AcsEfsAuthorizationConfig{authorization->accessPointId, Text(NameOf(authorization->iam))};
    }
  } else if (from.fsxWindowsFileServerVolumeConfiguration) {
    to.type = "fsxWindowsFileServer";  // these three an agent can but refuse
  } else if (from.s3filesVolumeConfiguration) {
    to.type = "s3files";
  } else if (from.configuredAtLaunch) {
    to.type = "ebs";
  } else {
    to.host = AcsHostVolume{from.host ? from.host->sourcePath : std::nullopt};
  }
  return to;
}

// Devices go as associations. Which GPUs a task gets is for the scheduler to say: until then they
// are numbered.
void AddAssociations(const TaskDefinition& from, AcsTask& to) {
  int64_t gpus = 0;
  for (const InferenceAccelerator& each : from.inferenceAccelerators) {
    to.associations.push_back({.content = {.encoding = "identity", .value = each.deviceType},
                               .name = each.deviceName,
                               .type = "elastic-inference"});
  }
  for (const ContainerDefinition& container : from.containerDefinitions) {
    for (const ResourceRequirement& want : container.resourceRequirements) {
      if (want.type == ResourceType::kInferenceAccelerator) {
        for (Association& each : to.associations) {
          if (each.name == want.value) each.containers.push_back(container.name);
        }
        continue;
      }
      const bool gpu = want.type == ResourceType::kGpu;
      constexpr int64_t kMostGpus = 64;
      const auto count = gpu ? std::min<int64_t>(std::atoll(want.value.c_str()), kMostGpus) : 1;
      for (int64_t i = 0; i < count; ++i) {
        to.associations.push_back({.containers = {container.name},
                                   .content = {.encoding = "identity"},
                                   .name = gpu ? std::to_string(gpus++) : want.value,
                                   .type = gpu ? "gpu" : "neuron-device"});
      }
    }
  }
}

}  // namespace

AcsTask ToAcsTask(const TaskDefinition& definition) {
  AcsTask task{.family = definition.family,
               .version = definition.revision ? std::to_string(*definition.revision) : "",
               .desiredStatus = "RUNNING",
               .overrides = "{}",
               .cpu = static_cast<double>(definition.cpu.value_or(0)) / 1024,
               .memory = definition.memory.value_or(0),
               .networkMode = Text(NameOf(definition.networkMode))};
  for (const ContainerDefinition& container : definition.containerDefinitions) {
    task.containers.push_back(ToContainer(container, definition));
  }
  for (const Volume& volume : definition.volumes) task.volumes.push_back(ToVolume(volume));
  AddAssociations(definition, task);
  if (definition.pidMode) task.pidMode = Text(NameOf(*definition.pidMode));
  if (definition.ipcMode) task.ipcMode = Text(NameOf(*definition.ipcMode));
  if (const auto& proxy = definition.proxyConfiguration) {
    task.proxyConfiguration = AcsProxyConfiguration{Text(NameOf(proxy->type)), proxy->containerName,
                                                    ToMap(proxy->properties)};
  }
  if (definition.enableFaultInjection) task.enableFaultInjection = true;
  return task;
}

}  // namespace berth::ecs::wire
