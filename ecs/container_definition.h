// One container of a task definition. Members have the names of the ECS API (ContainerDefinition);
// a list or map that was not given is empty, and what ECS has a default for holds the default.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecs/linux_parameters.h"

namespace berth::ecs {

struct KeyValuePair {
  std::string name;
  std::string value;

  bool operator==(const KeyValuePair&) const = default;
};

struct RepositoryCredentials {
  /// ARN of the Secrets Manager secret that holds user name and password.
  std::string credentialsParameter;

  bool operator==(const RepositoryCredentials&) const = default;
};

enum class TransportProtocol { kTcp, kUdp };
enum class ApplicationProtocol { kHttp, kHttp2, kGrpc };

/// One port, or one range of ports (`containerPortRange`), but not both.
struct PortMapping {
  std::optional<uint16_t> containerPort;
  /// Absent or 0 in bridge mode: any free port. In awsvpc and host mode always containerPort.
  std::optional<uint16_t> hostPort;
  TransportProtocol protocol = TransportProtocol::kTcp;
  std::optional<std::string> name;
  std::optional<ApplicationProtocol> appProtocol;
  /// As "8000-8010".
  std::optional<std::string> containerPortRange;

  bool operator==(const PortMapping&) const = default;
};

struct ContainerRestartPolicy {
  bool enabled = false;
  std::vector<int64_t> ignoredExitCodes;
  /// Seconds that the container must have run before it is restarted.
  int64_t restartAttemptPeriod = 300;

  bool operator==(const ContainerRestartPolicy&) const = default;
};

enum class EnvironmentFileType { kS3 };

struct EnvironmentFile {
  /// ARN of an S3 object.
  std::string value;
  EnvironmentFileType type = EnvironmentFileType::kS3;

  bool operator==(const EnvironmentFile&) const = default;
};

struct MountPoint {
  /// Name of one of the task's volumes.
  std::string sourceVolume;
  std::string containerPath;
  bool readOnly = false;

  bool operator==(const MountPoint&) const = default;
};

struct VolumeFrom {
  /// Name of another container of the task.
  std::string sourceContainer;
  bool readOnly = false;

  bool operator==(const VolumeFrom&) const = default;
};

struct Secret {
  std::string name;
  /// ARN of a Secrets Manager secret, or ARN or name of an SSM parameter.
  std::string valueFrom;

  bool operator==(const Secret&) const = default;
};

enum class ContainerCondition { kStart, kComplete, kSuccess, kHealthy };

struct ContainerDependency {
  std::string containerName;
  ContainerCondition condition = ContainerCondition::kStart;

  bool operator==(const ContainerDependency&) const = default;
};

enum class VersionConsistency { kEnabled, kDisabled };

/// One line of /etc/hosts.
struct HostEntry {
  std::string hostname;
  std::string ipAddress;

  bool operator==(const HostEntry&) const = default;
};

enum class UlimitName {
  kCore,
  kCpu,
  kData,
  kFsize,
  kLocks,
  kMemlock,
  kMsgqueue,
  kNice,
  kNofile,
  kNproc,
  kRss,
  kRtprio,
  kRttime,
  kSigpending,
  kStack,
};

/// In the units of setrlimit(2); -1 is unlimited.
struct Ulimit {
  UlimitName name = UlimitName::kNofile;
  int64_t softLimit = 0;
  int64_t hardLimit = 0;

  bool operator==(const Ulimit&) const = default;
};

enum class LogDriver {
  kJsonFile,
  kSyslog,
  kJournald,
  kGelf,
  kFluentd,
  kAwslogs,
  kSplunk,
  kAwsfirelens,
};

struct LogConfiguration {
  LogDriver logDriver = LogDriver::kJsonFile;
  std::map<std::string, std::string> options;
  std::vector<Secret> secretOptions;

  bool operator==(const LogConfiguration&) const = default;
};

struct HealthCheck {
  /// Starts with "CMD" (arguments follow) or "CMD-SHELL" (one line for the container's shell).
  std::vector<std::string> command;
  /// Seconds.
  int64_t interval = 30;
  /// Seconds.
  int64_t timeout = 5;
  int64_t retries = 3;
  /// Seconds in which failures do not count; 0: off.
  int64_t startPeriod = 0;

  bool operator==(const HealthCheck&) const = default;
};

/// `namespace` of the API, which C++ keeps for itself; a sysctl as "net.core.somaxconn".
struct SystemControl {
  std::string namespace_;
  std::string value;

  bool operator==(const SystemControl&) const = default;
};

enum class ResourceType { kGpu, kInferenceAccelerator, kNeuronDevice };

struct ResourceRequirement {
  /// How many GPUs, or which accelerator.
  std::string value;
  ResourceType type = ResourceType::kGpu;

  bool operator==(const ResourceRequirement&) const = default;
};

enum class FirelensConfigurationType { kFluentd, kFluentbit };

struct FirelensConfiguration {
  FirelensConfigurationType type = FirelensConfigurationType::kFluentbit;
  std::map<std::string, std::string> options;

  bool operator==(const FirelensConfiguration&) const = default;
};

struct ContainerDefinition {
  std::string name;
  std::string image;
  std::optional<RepositoryCredentials> repositoryCredentials;
  /// CPU units, 1024 to a core; a share, not a limit. 0: the least share.
  int64_t cpu = 0;
  /// MiB; the hard limit.
  std::optional<int64_t> memory;
  /// MiB; the soft limit, and what is reserved.
  std::optional<int64_t> memoryReservation;
  /// As "database" or "database:db".
  std::vector<std::string> links;
  std::vector<PortMapping> portMappings;
  bool essential = true;
  std::optional<ContainerRestartPolicy> restartPolicy;
  /// Empty: the image's. One empty string clears the image's.
  std::vector<std::string> entryPoint;
  /// Empty: the image's.
  std::vector<std::string> command;
  std::vector<KeyValuePair> environment;
  std::vector<EnvironmentFile> environmentFiles;
  std::vector<MountPoint> mountPoints;
  std::vector<VolumeFrom> volumesFrom;
  std::optional<LinuxParameters> linuxParameters;
  std::vector<Secret> secrets;
  std::vector<ContainerDependency> dependsOn;
  /// Seconds that containers which depend on this one wait for it.
  std::optional<int64_t> startTimeout;
  /// Seconds between SIGTERM and SIGKILL; absent: the agent's (30).
  std::optional<int64_t> stopTimeout;
  VersionConsistency versionConsistency = VersionConsistency::kEnabled;
  std::optional<std::string> hostname;
  /// As "user", "user:group", "uid", "uid:gid"; absent: the image's.
  std::optional<std::string> user;
  /// Absent: the image's.
  std::optional<std::string> workingDirectory;
  bool disableNetworking = false;
  bool privileged = false;
  bool readonlyRootFilesystem = false;
  std::vector<std::string> dnsServers;
  std::vector<std::string> dnsSearchDomains;
  std::vector<HostEntry> extraHosts;
  std::vector<std::string> dockerSecurityOptions;
  /// Keep standard input open.
  bool interactive = false;
  /// Give the container a terminal.
  bool pseudoTerminal = false;
  std::map<std::string, std::string> dockerLabels;
  std::vector<Ulimit> ulimits;
  std::optional<LogConfiguration> logConfiguration;
  std::optional<HealthCheck> healthCheck;
  std::vector<SystemControl> systemControls;
  std::vector<ResourceRequirement> resourceRequirements;
  std::optional<FirelensConfiguration> firelensConfiguration;
  std::vector<std::string> credentialSpecs;

  bool operator==(const ContainerDefinition&) const = default;
};

}  // namespace berth::ecs
