// A task as the scheduler sends it to an agent: what a PayloadMessage holds. Members have the names
// of the wire (the model of ECS's agent communication service).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ecs/security_group.h"

namespace berth::ecs::wire {

struct RoleCredentials {
  std::string credentialsId;
  std::string roleArn;
  std::string accessKeyId;
  std::string secretAccessKey;
  std::string sessionToken;
  std::string expiration;  // RFC 3339

  bool operator==(const RoleCredentials&) const = default;
};

struct Ipv4Assignment {
  bool primary = false;
  std::string privateAddress;

  bool operator==(const Ipv4Assignment&) const = default;
};

struct Ipv6Assignment {
  bool primary = false;
  std::string address;

  bool operator==(const Ipv6Assignment&) const = default;
};

struct InterfaceVlanProperties {
  std::string vlanId;
  std::string trunkInterfaceMacAddress;

  bool operator==(const InterfaceVlanProperties&) const = default;
};

/// What Berth's scheduler adds for Berth's agents, which make the interface themselves and enforce
/// its groups. Other agents ignore it; for other schedulers' interfaces it is absent.
struct BerthInterface {
  std::string subnetId;
  std::string cidrBlock;  // "": it has none of IPv4
  std::string ipv6CidrBlock;
  /// The agent's interface on the LAN that the blocks are of; "": they are the agent's own.
  std::string parent;
  /// Whether traffic that leaves the host takes the host's address.
  bool masquerade = true;
  int64_t mtu = 0;  // 0: the host's own
  std::vector<SecurityGroup> securityGroups;

  bool operator==(const BerthInterface&) const = default;
};

struct ElasticNetworkInterface {
  std::string attachmentArn;
  std::string ec2Id;
  std::string macAddress;
  std::optional<int64_t> index;
  std::optional<std::string> name;
  std::vector<Ipv4Assignment> ipv4Addresses;
  std::vector<Ipv6Assignment> ipv6Addresses;
  std::vector<std::string> domainName;
  std::vector<std::string> domainNameServers;
  std::optional<std::string> privateDnsName;
  std::optional<std::string> subnetGatewayIpv4Address;  // with its prefix: 10.0.0.1/24
  std::optional<std::string> subnetGatewayIpv6Address;
  std::optional<std::string> interfaceAssociationProtocol;  // default, vlan, ...
  std::optional<InterfaceVlanProperties> interfaceVlanProperties;
  std::optional<BerthInterface> berthInterface;

  bool operator==(const ElasticNetworkInterface&) const = default;
};

struct DockerConfig {
  /// Each a JSON document in a string, in the shapes of the Docker API.
  std::optional<std::string> config;
  std::optional<std::string> hostConfig;
  std::optional<std::string> version;

  bool operator==(const DockerConfig&) const = default;
};

struct AcsMountPoint {
  std::string containerPath;
  bool readOnly = false;
  std::string sourceVolume;

  bool operator==(const AcsMountPoint&) const = default;
};

struct AcsVolumeFrom {
  bool readOnly = false;
  std::string sourceContainer;

  bool operator==(const AcsVolumeFrom&) const = default;
};

struct AcsPortMapping {
  std::optional<int64_t> containerPort;
  std::optional<int64_t> hostPort;
  std::string protocol;  // tcp, udp
  std::optional<std::string> containerPortRange;

  bool operator==(const AcsPortMapping&) const = default;
};

struct AcsDependency {
  std::string containerName;
  std::string condition;

  bool operator==(const AcsDependency&) const = default;
};

struct AcsSecret {
  std::string name;
  std::string valueFrom;
  std::optional<std::string> containerPath;
  std::optional<std::string> type;
  std::optional<std::string> region;
  std::optional<std::string> provider;
  std::optional<std::string> target;

  bool operator==(const AcsSecret&) const = default;
};

struct AcsEnvironmentFile {
  std::string value;
  std::string type;

  bool operator==(const AcsEnvironmentFile&) const = default;
};

struct AcsFirelensConfiguration {
  std::string type;
  std::map<std::string, std::string> options;

  bool operator==(const AcsFirelensConfiguration&) const = default;
};

struct AcsRestartPolicy {
  bool enabled = false;
  std::vector<int64_t> ignoredExitCodes;
  std::optional<int64_t> restartAttemptPeriod;  // seconds

  bool operator==(const AcsRestartPolicy&) const = default;
};

struct EcrAuthData {
  std::optional<std::string> registryId;
  std::optional<std::string> region;
  std::optional<std::string> endpointOverride;
  std::optional<bool> useExecutionRole;

  bool operator==(const EcrAuthData&) const = default;
};

struct AsmAuthData {
  std::string credentialsParameter;
  std::string region;

  bool operator==(const AsmAuthData&) const = default;
};

struct RegistryAuthentication {
  std::string type;  // ecr, asm
  std::optional<EcrAuthData> ecrAuthData;
  std::optional<AsmAuthData> asmAuthData;

  bool operator==(const RegistryAuthentication&) const = default;
};

struct AcsContainer {
  std::string name;
  std::string image;
  int64_t cpu = 0;     // shares
  int64_t memory = 0;  // MiB; 0: no limit of its own
  bool essential = true;
  std::vector<std::string> command;
  std::vector<std::string> entryPoint;
  std::map<std::string, std::string> environment;
  std::vector<AcsEnvironmentFile> environmentFiles;
  std::vector<std::string> links;
  std::vector<AcsMountPoint> mountPoints;
  std::vector<AcsVolumeFrom> volumesFrom;
  std::vector<AcsPortMapping> portMappings;
  std::vector<AcsDependency> dependsOn;
  std::optional<int64_t> startTimeout;  // seconds
  std::optional<int64_t> stopTimeout;   // seconds
  std::vector<AcsSecret> secrets;
  std::optional<AcsFirelensConfiguration> firelensConfiguration;
  std::optional<std::string> healthCheckType;  // docker
  std::optional<std::string> logsAuthStrategy;
  std::optional<DockerConfig> dockerConfig;
  std::optional<RegistryAuthentication> registryAuthentication;
  std::optional<AcsRestartPolicy> restartPolicy;
  std::vector<std::string> credentialSpecs;
  std::optional<std::string> containerArn;
  /// JSON in a string, of which agents apply `command` alone.
  std::optional<std::string> overrides;

  bool operator==(const AcsContainer&) const = default;
};

struct AcsHostVolume {
  std::optional<std::string> sourcePath;

  bool operator==(const AcsHostVolume&) const = default;
};

struct AcsDockerVolume {
  std::optional<std::string> scope;  // task, shared
  std::optional<bool> autoprovision;
  std::optional<std::string> driver;
  std::map<std::string, std::string> driverOpts;
  std::map<std::string, std::string> labels;

  bool operator==(const AcsDockerVolume&) const = default;
};

struct AcsEfsAuthorizationConfig {
  std::optional<std::string> accessPointId;
  std::optional<std::string> iam;

  bool operator==(const AcsEfsAuthorizationConfig&) const = default;
};

struct AcsEfsVolume {
  std::string fileSystemId;
  std::optional<std::string> rootDirectory;
  std::optional<std::string> transitEncryption;
  std::optional<int64_t> transitEncryptionPort;
  std::optional<AcsEfsAuthorizationConfig> authorizationConfig;

  bool operator==(const AcsEfsVolume&) const = default;
};

struct AcsVolume {
  std::string name;
  std::optional<std::string> type;  // host (also if absent), docker, efs, ...
  std::optional<AcsHostVolume> host;
  std::optional<AcsDockerVolume> dockerVolumeConfiguration;
  std::optional<AcsEfsVolume> efsVolumeConfiguration;

  bool operator==(const AcsVolume&) const = default;
};

struct AssociationContent {
  std::string encoding;  // identity, base64
  std::string value;

  bool operator==(const AssociationContent&) const = default;
};

struct Association {
  std::vector<std::string> containers;
  AssociationContent content;
  std::string name;
  std::string type;  // gpu, elastic-inference

  bool operator==(const Association&) const = default;
};

struct AcsProxyConfiguration {
  std::string type;  // APPMESH
  std::string containerName;
  std::map<std::string, std::string> properties;

  bool operator==(const AcsProxyConfiguration&) const = default;
};

struct AcsTask {
  std::string arn;
  std::optional<std::string> taskClusterArn;
  std::string family;
  std::string version;                   // the revision
  std::string desiredStatus;             // RUNNING, STOPPED
  std::optional<std::string> overrides;  // JSON in a string
  std::vector<AcsContainer> containers;
  std::vector<AcsVolume> volumes;
  std::optional<RoleCredentials> roleCredentials;
  std::optional<RoleCredentials> executionRoleCredentials;
  std::vector<ElasticNetworkInterface> elasticNetworkInterfaces;
  double cpu = 0;      // vCPUs; 0: no limit of the task
  int64_t memory = 0;  // MiB; 0: no limit of the task
  std::vector<Association> associations;
  std::optional<std::string> pidMode;
  std::optional<std::string> ipcMode;
  std::optional<AcsProxyConfiguration> proxyConfiguration;
  std::optional<std::string> launchType;
  std::optional<std::string> networkMode;
  std::optional<std::string> serviceName;
  std::optional<std::string> group;
  std::optional<std::string> taskDefinitionAccountId;
  std::optional<bool> enableFaultInjection;

  bool operator==(const AcsTask&) const = default;
};

}  // namespace berth::ecs::wire
