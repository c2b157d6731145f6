#include "ecs/required_attributes.h"

#include <algorithm>
#include <set>

#include "base/format.h"
#include "ecs/names.h"

namespace berth::ecs {
namespace {

// Collects names, each once.
class Attributes {
 public:
  /// "docker-remote-api.1.18" and the like: what agents had before their attributes were "ecs.".
  void AddOld(std::string_view name) {
    names_.insert(fmt::format("com.amazonaws.ecs.capability.{}", name));
  }
  void Add(std::string_view name) { names_.insert(fmt::format("ecs.capability.{}", name)); }
  /// Version 1.`minor` of Docker's API, which agents stand for even if they have no Docker.
  void AddDocker(int minor) { AddOld(fmt::format("docker-remote-api.1.{}", minor)); }

  std::vector<std::string> Take() && { return {names_.begin(), names_.end()}; }

 private:
  std::set<std::string> names_;
};

// Whether an image is in a registry of Amazon ECR, which the agent logs in to by itself.
bool IsInEcr(std::string_view image) {
  const std::string_view registry = image.substr(0, image.find('/'));
  const bool is_aws = registry.ends_with(".amazonaws.com") ||
                      registry.ends_with(".amazonaws.com.cn") || registry.ends_with(".on.aws");
  return is_aws && (registry.find(".dkr.ecr") != std::string_view::npos ||
                    registry.find(".dkr-ecr") != std::string_view::npos);
}

// The service that keeps a secret, in the words of the attributes.
std::string_view KeeperOf(const Secret& secret) {
  return secret.valueFrom.find(":secretsmanager:") != std::string::npos ? "asm" : "ssm";
}

bool HasAny(const std::map<std::string, std::string>& options,
            std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const char* name) { return options.contains(name); });
}

void AddImage(const TaskDefinition& definition, const ContainerDefinition& container,
              Attributes& to) {
  if (container.image.find('@') != std::string::npos) to.AddDocker(21);  // by its digest
  if (container.repositoryCredentials) to.Add("private-registry-authentication.secretsmanager");
  if (!IsInEcr(container.image)) return;
  to.AddOld("ecr-auth");
  if (definition.executionRoleArn) to.Add("execution-role-ecr-pull");
}

void AddLog(const TaskDefinition& definition, const LogConfiguration& log, Attributes& to) {
  to.AddOld(fmt::format("logging-driver.{}", NameOf(log.logDriver)));
  to.AddDocker(log.options.empty() ? 18 : 19);
  for (const Secret& secret : log.secretOptions) {
    to.Add(fmt::format("secrets.{}.bootstrap.log-driver", KeeperOf(secret)));
  }
  if (HasAny(log.options, {"mode", "max-buffer-size"})) to.AddDocker(28);
  if (log.logDriver == LogDriver::kAwslogs) {
    if (definition.executionRoleArn) to.Add("execution-role-awslogs");
    if (log.options.contains("awslogs-create-group")) to.AddDocker(29);
    if (HasAny(log.options, {"awslogs-datetime-format", "awslogs-multiline-pattern"})) {
      to.AddDocker(30);
    }
  }
  if (log.logDriver == LogDriver::kAwsfirelens && log.options.contains("log-driver-buffer-limit")) {
    to.Add("logging-driver.awsfirelens.log-driver-buffer-limit");
  }
}

void AddFirelens(const FirelensConfiguration& firelens, Attributes& to) {
  to.Add(fmt::format("firelens.{}", NameOf(firelens.type)));
  const auto type = firelens.options.find("config-file-type");
  if (type == firelens.options.end()) return;
  if (type->second == "file" || type->second == "s3") {
    to.Add(fmt::format("firelens.options.config.{}", type->second));
  }
}

void AddSecurity(const ContainerDefinition& container, Attributes& to) {
  if (container.privileged) to.AddOld("privileged-container");
  for (const std::string& option : container.dockerSecurityOptions) {
    if (option.starts_with("label")) to.AddOld("selinux");
    if (option.starts_with("apparmor")) to.AddOld("apparmor");
    if (option.starts_with("no-new-privileges")) to.AddDocker(23);
  }
  for (const std::string& spec : container.credentialSpecs) {
    to.Add(spec.starts_with("credentialspecdomainless:") ? "gmsa-domainless" : "gmsa");
  }
}

// What every agent's Docker API has had from the first that is told of, 1.17.
bool UsesFirstApi(const ContainerDefinition& container) {
  const bool names = container.hostname || !container.links.empty() ||
                     !container.dnsServers.empty() || !container.dnsSearchDomains.empty() ||
                     !container.extraHosts.empty();
  const bool start = !container.entryPoint.empty() || container.workingDirectory.has_value();
  const bool kernel =
      container.linuxParameters && (container.linuxParameters->capabilities.has_value() ||
                                    !container.linuxParameters->devices.empty());
  return names || start || kernel || container.disableNetworking ||
         container.readonlyRootFilesystem || !container.dockerLabels.empty() ||
         !container.dockerSecurityOptions.empty();
}

void AddDockerApi(const ContainerDefinition& container, Attributes& to) {
  if (UsesFirstApi(container)) to.AddDocker(17);
  if (!container.ulimits.empty()) to.AddDocker(18);
  if (container.memoryReservation) to.AddDocker(21);
  if (!container.linuxParameters) return;
  if (container.linuxParameters->sharedMemorySize) to.AddDocker(22);
  if (container.linuxParameters->initProcessEnabled) to.AddDocker(25);
}

void AddContainer(const TaskDefinition& definition, const ContainerDefinition& container,
                  Attributes& to) {
  AddImage(definition, container, to);
  AddDockerApi(container, to);
  AddSecurity(container, to);
  if (container.logConfiguration) AddLog(definition, *container.logConfiguration, to);
  if (container.firelensConfiguration) AddFirelens(*container.firelensConfiguration, to);
  if (container.healthCheck) {
    to.Add("container-health-check");
    to.AddDocker(container.healthCheck->startPeriod > 0 ? 29 : 24);
  }
  if (!container.dependsOn.empty() || container.startTimeout || container.stopTimeout) {
    to.Add("container-ordering");
  }
  if (container.restartPolicy && container.restartPolicy->enabled) {
    to.Add("container-restart-policy");
  }
  for (const Secret& secret : container.secrets) {
    to.Add(fmt::format("secrets.{}.environment-variables", KeeperOf(secret)));
  }
  if (!container.environmentFiles.empty()) to.Add("env-files.s3");
  for (const PortMapping& mapping : container.portMappings) {
    if (mapping.containerPortRange) to.Add("network.container-port-range");
  }
}

void AddVolume(const Volume& volume, Attributes& to) {
  if (volume.dockerVolumeConfiguration) {
    // A plugin's tag follows a dot in the attribute, as "docker-plugin.rexray/ebs.latest".
    std::string driver = volume.dockerVolumeConfiguration->driver.value_or("local");
    std::replace(driver.begin(), driver.end(), ':', '.');
    to.Add("docker-plugin." + driver);
    to.AddDocker(25);
  }
  if (volume.efsVolumeConfiguration) {
    to.Add("efs");
    to.Add("efsAuth");
    to.AddDocker(25);
  }
  if (volume.s3filesVolumeConfiguration) to.Add("storage.s3-files");
  if (volume.fsxWindowsFileServerVolumeConfiguration) to.Add("fsxWindowsFileServer");
  if (volume.configuredAtLaunch) to.Add("storage.ebs-task-volume-attach");
}

}  // namespace

std::vector<std::string> RequiredAttributes(const TaskDefinition& definition) {
  Attributes names;
  for (const ContainerDefinition& container : definition.containerDefinitions) {
    AddContainer(definition, container, names);
  }
  for (const Volume& volume : definition.volumes) AddVolume(volume, names);
  if (definition.taskRoleArn) {
    names.AddOld("task-iam-role");
    if (definition.networkMode == NetworkMode::kHost) names.AddOld("task-iam-role-network-host");
  }
  if (definition.networkMode == NetworkMode::kAwsvpc) {
    names.Add("task-eni");
    names.AddDocker(18);
  }
  if (definition.pidMode || definition.ipcMode) names.Add("pid-ipc-namespace-sharing");
  if (definition.ipcMode == IpcMode::kNone) names.AddDocker(32);
  if (definition.proxyConfiguration) names.Add("aws-appmesh");
  if (definition.ephemeralStorage) names.Add("extensible-ephemeral-storage");
  if (!definition.inferenceAccelerators.empty()) names.Add("task-eia");
  if (definition.enableFaultInjection) names.Add("fault-injection");
  return std::move(names).Take();
}

}  // namespace berth::ecs
