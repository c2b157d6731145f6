// The fields of each struct of the model: what the reader and the writer both go by.
#pragma once

#include "ecs/field.h"
#include "ecs/network_configuration.h"
#include "ecs/overrides.h"
#include "ecs/prefix_list.h"
#include "ecs/security_group.h"
#include "ecs/task_definition.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(KernelCapabilities,
                 Field{"add", &S::add},
                 Field{"drop", &S::drop});
BERTH_ECS_FIELDS(Device,
                 Field{"hostPath", &S::hostPath},
                 Field{"containerPath", &S::containerPath},
                 Field{"permissions", &S::permissions});
BERTH_ECS_FIELDS(Tmpfs,
                 Field{"containerPath", &S::containerPath},
                 Required{"size", &S::size},
                 Field{"mountOptions", &S::mountOptions});
BERTH_ECS_FIELDS(LinuxParameters,
                 Field{"capabilities", &S::capabilities},
                 Field{"devices", &S::devices},
                 Field{"initProcessEnabled", &S::initProcessEnabled},
                 Field{"sharedMemorySize", &S::sharedMemorySize},
                 Field{"tmpfs", &S::tmpfs},
                 Field{"maxSwap", &S::maxSwap},
                 Field{"swappiness", &S::swappiness});

BERTH_ECS_FIELDS(HostVolumeProperties,
                 Field{"sourcePath", &S::sourcePath});
BERTH_ECS_FIELDS(DockerVolumeConfiguration,
                 Always{"scope", &S::scope},
                 Field{"autoprovision", &S::autoprovision},
                 Field{"driver", &S::driver},
                 Field{"driverOpts", &S::driverOpts},
                 Field{"labels", &S::labels});
BERTH_ECS_FIELDS(EfsAuthorizationConfig,
                 Field{"accessPointId", &S::accessPointId},
                 Field{"iam", &S::iam});
BERTH_ECS_FIELDS(EfsVolumeConfiguration,
                 Field{"fileSystemId", &S::fileSystemId},
                 Field{"rootDirectory", &S::rootDirectory},
                 Field{"transitEncryption", &S::transitEncryption},
                 Field{"transitEncryptionPort", &S::transitEncryptionPort},
                 Field{"authorizationConfig", &S::authorizationConfig});
BERTH_ECS_FIELDS(S3FilesVolumeConfiguration,
                 Field{"fileSystemArn", &S::fileSystemArn},
                 Field{"rootDirectory", &S::rootDirectory},
                 Field{"transitEncryptionPort", &S::transitEncryptionPort},
                 Field{"accessPointArn", &S::accessPointArn});
BERTH_ECS_FIELDS(FsxWindowsFileServerAuthorizationConfig,
                 Field{"credentialsParameter", &S::credentialsParameter},
                 Field{"domain", &S::domain});
BERTH_ECS_FIELDS(FsxWindowsFileServerVolumeConfiguration,
                 Field{"fileSystemId", &S::fileSystemId},
                 Field{"rootDirectory", &S::rootDirectory},
                 Field{"authorizationConfig", &S::authorizationConfig});
BERTH_ECS_FIELDS(Volume,
                 Field{"name", &S::name},
                 Field{"host", &S::host},
                 Field{"dockerVolumeConfiguration", &S::dockerVolumeConfiguration},
                 Field{"efsVolumeConfiguration", &S::efsVolumeConfiguration},
                 Field{"s3filesVolumeConfiguration", &S::s3filesVolumeConfiguration},
                 Field{"fsxWindowsFileServerVolumeConfiguration",
                       &S::fsxWindowsFileServerVolumeConfiguration},
                 Field{"configuredAtLaunch", &S::configuredAtLaunch});

BERTH_ECS_FIELDS(KeyValuePair,
                 Always{"name", &S::name},
                 Always{"value", &S::value});
BERTH_ECS_FIELDS(RepositoryCredentials,
                 Field{"credentialsParameter", &S::credentialsParameter});
BERTH_ECS_FIELDS(PortMapping,
                 Field{"containerPort", &S::containerPort},
                 Field{"hostPort", &S::hostPort},
                 Always{"protocol", &S::protocol},
                 Field{"name", &S::name},
                 Field{"appProtocol", &S::appProtocol},
                 Field{"containerPortRange", &S::containerPortRange});
BERTH_ECS_FIELDS(ContainerRestartPolicy,
                 Required{"enabled", &S::enabled},
                 Field{"ignoredExitCodes", &S::ignoredExitCodes},
                 Field{"restartAttemptPeriod", &S::restartAttemptPeriod});
BERTH_ECS_FIELDS(EnvironmentFile,
                 Field{"value", &S::value},
                 Required{"type", &S::type});
BERTH_ECS_FIELDS(MountPoint,
                 Field{"sourceVolume", &S::sourceVolume},
                 Field{"containerPath", &S::containerPath},
                 Field{"readOnly", &S::readOnly});
BERTH_ECS_FIELDS(VolumeFrom,
                 Field{"sourceContainer", &S::sourceContainer},
                 Field{"readOnly", &S::readOnly});
BERTH_ECS_FIELDS(Secret,
                 Field{"name", &S::name},
                 Field{"valueFrom", &S::valueFrom});
BERTH_ECS_FIELDS(ContainerDependency,
                 Field{"containerName", &S::containerName},
                 Required{"condition", &S::condition});
BERTH_ECS_FIELDS(HostEntry,
                 Field{"hostname", &S::hostname},
                 Field{"ipAddress", &S::ipAddress});
BERTH_ECS_FIELDS(Ulimit,
                 Required{"name", &S::name},
                 Required{"softLimit", &S::softLimit},
                 Required{"hardLimit", &S::hardLimit});
BERTH_ECS_FIELDS(LogConfiguration,
                 Required{"logDriver", &S::logDriver},
                 Field{"options", &S::options},
                 Field{"secretOptions", &S::secretOptions});
BERTH_ECS_FIELDS(HealthCheck,
                 Field{"command", &S::command},
                 Always{"interval", &S::interval},
                 Always{"timeout", &S::timeout},
                 Always{"retries", &S::retries},
                 Field{"startPeriod", &S::startPeriod});
BERTH_ECS_FIELDS(SystemControl,
                 Field{"namespace", &S::namespace_},
                 Field{"value", &S::value});
BERTH_ECS_FIELDS(ResourceRequirement,
                 Field{"value", &S::value},
                 Required{"type", &S::type});
BERTH_ECS_FIELDS(FirelensConfiguration,
                 Required{"type", &S::type},
                 Field{"options", &S::options});
BERTH_ECS_FIELDS(ContainerDefinition,
                 Field{"name", &S::name},
                 Field{"image", &S::image},
                 Field{"repositoryCredentials", &S::repositoryCredentials},
                 Always{"cpu", &S::cpu},
                 Field{"memory", &S::memory},
                 Field{"memoryReservation", &S::memoryReservation},
                 Field{"links", &S::links},
                 Always{"portMappings", &S::portMappings},
                 Always{"essential", &S::essential},
                 Field{"restartPolicy", &S::restartPolicy},
                 Field{"entryPoint", &S::entryPoint},
                 Field{"command", &S::command},
                 Always{"environment", &S::environment},
                 Field{"environmentFiles", &S::environmentFiles},
                 Always{"mountPoints", &S::mountPoints},
                 Always{"volumesFrom", &S::volumesFrom},
                 Field{"linuxParameters", &S::linuxParameters},
                 Field{"secrets", &S::secrets},
                 Field{"dependsOn", &S::dependsOn},
                 Field{"startTimeout", &S::startTimeout},
                 Field{"stopTimeout", &S::stopTimeout},
                 Field{"versionConsistency", &S::versionConsistency},
                 Field{"hostname", &S::hostname},
                 Field{"user", &S::user},
                 Field{"workingDirectory", &S::workingDirectory},
                 Field{"disableNetworking", &S::disableNetworking},
                 Field{"privileged", &S::privileged},
                 Field{"readonlyRootFilesystem", &S::readonlyRootFilesystem},
                 Field{"dnsServers", &S::dnsServers},
                 Field{"dnsSearchDomains", &S::dnsSearchDomains},
                 Field{"extraHosts", &S::extraHosts},
                 Field{"dockerSecurityOptions", &S::dockerSecurityOptions},
                 Field{"interactive", &S::interactive},
                 Field{"pseudoTerminal", &S::pseudoTerminal},
                 Field{"dockerLabels", &S::dockerLabels},
                 Field{"ulimits", &S::ulimits},
                 Field{"logConfiguration", &S::logConfiguration},
                 Field{"healthCheck", &S::healthCheck},
                 Always{"systemControls", &S::systemControls},
                 Field{"resourceRequirements", &S::resourceRequirements},
                 Field{"firelensConfiguration", &S::firelensConfiguration},
                 Field{"credentialSpecs", &S::credentialSpecs});

BERTH_ECS_FIELDS(PlacementConstraint,
                 Required{"type", &S::type},
                 Field{"expression", &S::expression});
BERTH_ECS_FIELDS(ProxyConfiguration,
                 Field{"type", &S::type},
                 Field{"containerName", &S::containerName},
                 Field{"properties", &S::properties});
BERTH_ECS_FIELDS(EphemeralStorage,
                 Required{"sizeInGiB", &S::sizeInGiB});
BERTH_ECS_FIELDS(RuntimePlatform,
                 Field{"cpuArchitecture", &S::cpuArchitecture},
                 Field{"operatingSystemFamily", &S::operatingSystemFamily});
BERTH_ECS_FIELDS(InferenceAccelerator,
                 Field{"deviceName", &S::deviceName},
                 Field{"deviceType", &S::deviceType});
BERTH_ECS_FIELDS(Tag,
                 Always{"key", &S::key},
                 Always{"value", &S::value});
BERTH_ECS_FIELDS(TaskDefinition,
                 Always{"family", &S::family},
                 Field{"revision", &S::revision},
                 Field{"taskRoleArn", &S::taskRoleArn},
                 Field{"executionRoleArn", &S::executionRoleArn},
                 Always{"networkMode", &S::networkMode},
                 Field{"containerDefinitions", &S::containerDefinitions},
                 Always{"volumes", &S::volumes},
                 Always{"placementConstraints", &S::placementConstraints},
                 Field{"requiresCompatibilities", &S::requiresCompatibilities},
                 TaskSize{"cpu", &S::cpu, SizeUnit::kCpuUnits},
                 TaskSize{"memory", &S::memory, SizeUnit::kMiB},
                 Field{"tags", &S::tags},
                 Field{"pidMode", &S::pidMode},
                 Field{"ipcMode", &S::ipcMode},
                 Field{"proxyConfiguration", &S::proxyConfiguration},
                 Field{"inferenceAccelerators", &S::inferenceAccelerators},
                 Field{"ephemeralStorage", &S::ephemeralStorage},
                 Field{"runtimePlatform", &S::runtimePlatform},
                 Field{"enableFaultInjection", &S::enableFaultInjection});

BERTH_ECS_FIELDS(ContainerOverride,
                 Always{"name", &S::name},
                 Field{"command", &S::command},
                 Field{"environment", &S::environment},
                 Field{"environmentFiles", &S::environmentFiles},
                 Field{"cpu", &S::cpu},
                 Field{"memory", &S::memory},
                 Field{"memoryReservation", &S::memoryReservation},
                 Field{"resourceRequirements", &S::resourceRequirements});
BERTH_ECS_FIELDS(InferenceAcceleratorOverride,
                 Field{"deviceName", &S::deviceName},
                 Field{"deviceType", &S::deviceType});
BERTH_ECS_FIELDS(TaskOverride,
                 Always{"containerOverrides", &S::containerOverrides},
                 TaskSize{"cpu", &S::cpu, SizeUnit::kCpuUnits},
                 TaskSize{"memory", &S::memory, SizeUnit::kMiB},
                 Field{"taskRoleArn", &S::taskRoleArn},
                 Field{"executionRoleArn", &S::executionRoleArn},
                 Field{"ephemeralStorage", &S::ephemeralStorage},
                 Always{"inferenceAcceleratorOverrides", &S::inferenceAcceleratorOverrides});

BERTH_ECS_FIELDS(AwsVpcConfiguration,
                 Field{"subnets", &S::subnets},
                 Field{"securityGroups", &S::securityGroups},
                 Field{"assignPublicIp", &S::assignPublicIp});
BERTH_ECS_FIELDS(NetworkConfiguration,
                 Required{"awsvpcConfiguration", &S::awsvpcConfiguration});

BERTH_ECS_FIELDS(IpRange,
                 Field{"CidrIp", &S::CidrIp},
                 Field{"Description", &S::Description});
BERTH_ECS_FIELDS(Ipv6Range,
                 Field{"CidrIpv6", &S::CidrIpv6},
                 Field{"Description", &S::Description});
BERTH_ECS_FIELDS(PrefixList,
                 Field{"PrefixListId", &S::PrefixListId},
                 Field{"Description", &S::Description});
BERTH_ECS_FIELDS(UserIdGroupPair,
                 Field{"GroupId", &S::GroupId},
                 Field{"GroupName", &S::GroupName},
                 Field{"UserId", &S::UserId},
                 Field{"VpcId", &S::VpcId},
                 Field{"VpcPeeringConnectionId", &S::VpcPeeringConnectionId},
                 Field{"PeeringStatus", &S::PeeringStatus},
                 Field{"Description", &S::Description});
BERTH_ECS_FIELDS(IpPermission,
                 Field{"IpProtocol", &S::IpProtocol},
                 Field{"FromPort", &S::FromPort},
                 Field{"ToPort", &S::ToPort},
                 Always{"IpRanges", &S::IpRanges},
                 Always{"Ipv6Ranges", &S::Ipv6Ranges},
                 Always{"PrefixListIds", &S::PrefixListIds},
                 Always{"UserIdGroupPairs", &S::UserIdGroupPairs});
BERTH_ECS_FIELDS(Ec2Tag,
                 Field{"Key", &S::Key},
                 Field{"Value", &S::Value});
BERTH_ECS_FIELDS(SecurityGroup,
                 Field{"GroupId", &S::GroupId},
                 Field{"GroupName", &S::GroupName},
                 Always{"Description", &S::Description},
                 Field{"VpcId", &S::VpcId},
                 Field{"OwnerId", &S::OwnerId},
                 Field{"SecurityGroupArn", &S::SecurityGroupArn},
                 Always{"IpPermissions", &S::IpPermissions},
                 Always{"IpPermissionsEgress", &S::IpPermissionsEgress},
                 Field{"Tags", &S::Tags});

BERTH_ECS_FIELDS(PrefixListEntry,
                 Field{"Cidr", &S::Cidr},
                 Field{"Description", &S::Description});
BERTH_ECS_FIELDS(ManagedPrefixList,
                 Field{"PrefixListId", &S::PrefixListId},
                 Field{"PrefixListName", &S::PrefixListName},
                 Field{"AddressFamily", &S::AddressFamily},
                 Field{"MaxEntries", &S::MaxEntries},
                 Field{"Entries", &S::Entries},
                 Field{"PrefixListArn", &S::PrefixListArn},
                 Field{"State", &S::State},
                 Field{"OwnerId", &S::OwnerId},
                 Field{"Version", &S::Version},
                 Field{"Tags", &S::Tags});
// clang-format on

}  // namespace berth::ecs
