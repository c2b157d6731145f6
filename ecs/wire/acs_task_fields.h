// A task of a payload. Field lists of the structs in ecs/wire/acs_task.h. Always are those that
// other agents and schedulers look for, and those that their own messages never lack.
#pragma once

#include "ecs/fields.h"
#include "ecs/wire/acs_task.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(wire::RoleCredentials,
                 Always{"credentialsId", &S::credentialsId},
                 Always{"roleArn", &S::roleArn},
                 Always{"accessKeyId", &S::accessKeyId},
                 Always{"secretAccessKey", &S::secretAccessKey},
                 Always{"sessionToken", &S::sessionToken},
                 Always{"expiration", &S::expiration});
BERTH_ECS_FIELDS(wire::Ipv4Assignment,
                 Always{"primary", &S::primary},
                 Always{"privateAddress", &S::privateAddress});
BERTH_ECS_FIELDS(wire::Ipv6Assignment,
                 Always{"primary", &S::primary},
                 Always{"address", &S::address});
BERTH_ECS_FIELDS(wire::InterfaceVlanProperties,
                 Always{"vlanId", &S::vlanId},
                 Always{"trunkInterfaceMacAddress", &S::trunkInterfaceMacAddress});
BERTH_ECS_FIELDS(wire::BerthInterface,
                 Always{"subnetId", &S::subnetId},
                 Always{"cidrBlock", &S::cidrBlock},
                 Field{"ipv6CidrBlock", &S::ipv6CidrBlock},
                 Field{"parent", &S::parent},
                 Always{"masquerade", &S::masquerade},
                 Always{"mtu", &S::mtu},
                 Always{"securityGroups", &S::securityGroups});
BERTH_ECS_FIELDS(wire::ElasticNetworkInterface,
                 Always{"attachmentArn", &S::attachmentArn},
                 Always{"ec2Id", &S::ec2Id},
                 Always{"macAddress", &S::macAddress},
                 Field{"index", &S::index},
                 Field{"name", &S::name},
                 Always{"ipv4Addresses", &S::ipv4Addresses},
                 Field{"ipv6Addresses", &S::ipv6Addresses},
                 Field{"domainName", &S::domainName},
                 Field{"domainNameServers", &S::domainNameServers},
                 Field{"privateDnsName", &S::privateDnsName},
                 Field{"subnetGatewayIpv4Address", &S::subnetGatewayIpv4Address},
                 Field{"subnetGatewayIpv6Address", &S::subnetGatewayIpv6Address},
                 Field{"interfaceAssociationProtocol", &S::interfaceAssociationProtocol},
                 Field{"interfaceVlanProperties", &S::interfaceVlanProperties},
                 Field{"berthInterface", &S::berthInterface});
BERTH_ECS_FIELDS(wire::DockerConfig,
                 Field{"config", &S::config},
                 Field{"hostConfig", &S::hostConfig},
                 Field{"version", &S::version});
BERTH_ECS_FIELDS(wire::AcsMountPoint,
                 Always{"containerPath", &S::containerPath},
                 Always{"readOnly", &S::readOnly},
                 Always{"sourceVolume", &S::sourceVolume});
BERTH_ECS_FIELDS(wire::AcsVolumeFrom,
                 Always{"readOnly", &S::readOnly},
                 Always{"sourceContainer", &S::sourceContainer});
BERTH_ECS_FIELDS(wire::AcsPortMapping,
                 Field{"containerPort", &S::containerPort},
                 Field{"hostPort", &S::hostPort},
                 Always{"protocol", &S::protocol},
                 Field{"containerPortRange", &S::containerPortRange});
BERTH_ECS_FIELDS(wire::AcsDependency,
                 Always{"containerName", &S::containerName},
                 Always{"condition", &S::condition});
BERTH_ECS_FIELDS(wire::AcsSecret,
                 Always{"name", &S::name},
                 Always{"valueFrom", &S::valueFrom},
                 Field{"containerPath", &S::containerPath},
                 Field{"type", &S::type},
                 Field{"region", &S::region},
                 Field{"provider", &S::provider},
                 Field{"target", &S::target});
BERTH_ECS_FIELDS(wire::AcsEnvironmentFile,
                 Always{"value", &S::value},
                 Always{"type", &S::type});
BERTH_ECS_FIELDS(wire::AcsFirelensConfiguration,
                 Always{"type", &S::type},
                 Field{"options", &S::options});
BERTH_ECS_FIELDS(wire::AcsRestartPolicy,
                 Always{"enabled", &S::enabled},
                 Field{"ignoredExitCodes", &S::ignoredExitCodes},
                 Field{"restartAttemptPeriod", &S::restartAttemptPeriod});
BERTH_ECS_FIELDS(wire::EcrAuthData,
                 Field{"registryId", &S::registryId},
                 Field{"region", &S::region},
                 Field{"endpointOverride", &S::endpointOverride},
                 Field{"useExecutionRole", &S::useExecutionRole});
BERTH_ECS_FIELDS(wire::AsmAuthData,
                 Always{"credentialsParameter", &S::credentialsParameter},
                 Always{"region", &S::region});
BERTH_ECS_FIELDS(wire::RegistryAuthentication,
                 Always{"type", &S::type},
                 Field{"ecrAuthData", &S::ecrAuthData},
                 Field{"asmAuthData", &S::asmAuthData});
BERTH_ECS_FIELDS(wire::AcsContainer,
                 Always{"name", &S::name},
                 Always{"image", &S::image},
                 Always{"cpu", &S::cpu},
                 Always{"memory", &S::memory},
                 Always{"essential", &S::essential},
                 Field{"command", &S::command},
                 Field{"entryPoint", &S::entryPoint},
                 Always{"environment", &S::environment},
                 Field{"environmentFiles", &S::environmentFiles},
                 Field{"links", &S::links},
                 Always{"mountPoints", &S::mountPoints},
                 Always{"volumesFrom", &S::volumesFrom},
                 Always{"portMappings", &S::portMappings},
                 Field{"dependsOn", &S::dependsOn},
                 Field{"startTimeout", &S::startTimeout},
                 Field{"stopTimeout", &S::stopTimeout},
                 Field{"secrets", &S::secrets},
                 Field{"firelensConfiguration", &S::firelensConfiguration},
                 Field{"healthCheckType", &S::healthCheckType},
                 Field{"logsAuthStrategy", &S::logsAuthStrategy},
                 Field{"dockerConfig", &S::dockerConfig},
                 Field{"registryAuthentication", &S::registryAuthentication},
                 Field{"restartPolicy", &S::restartPolicy},
                 Field{"credentialSpecs", &S::credentialSpecs},
                 Field{"containerArn", &S::containerArn},
                 Field{"overrides", &S::overrides});
BERTH_ECS_FIELDS(wire::AcsHostVolume,
                 Field{"sourcePath", &S::sourcePath});
BERTH_ECS_FIELDS(wire::AcsDockerVolume,
                 Field{"scope", &S::scope},
                 Field{"autoprovision", &S::autoprovision},
                 Field{"driver", &S::driver},
                 Field{"driverOpts", &S::driverOpts},
                 Field{"labels", &S::labels});
BERTH_ECS_FIELDS(wire::AcsEfsAuthorizationConfig,
                 Field{"accessPointId", &S::accessPointId},
                 Field{"iam", &S::iam});
BERTH_ECS_FIELDS(wire::AcsEfsVolume,
                 Always{"fileSystemId", &S::fileSystemId},
                 Field{"rootDirectory", &S::rootDirectory},
                 Field{"transitEncryption", &S::transitEncryption},
                 Field{"transitEncryptionPort", &S::transitEncryptionPort},
                 Field{"authorizationConfig", &S::authorizationConfig});
BERTH_ECS_FIELDS(wire::AcsVolume,
                 Always{"name", &S::name},
                 Field{"type", &S::type},
                 Field{"host", &S::host},
                 Field{"dockerVolumeConfiguration", &S::dockerVolumeConfiguration},
                 Field{"efsVolumeConfiguration", &S::efsVolumeConfiguration});
BERTH_ECS_FIELDS(wire::AssociationContent,
                 Always{"encoding", &S::encoding},
                 Always{"value", &S::value});
BERTH_ECS_FIELDS(wire::Association,
                 Always{"containers", &S::containers},
                 Always{"content", &S::content},
                 Always{"name", &S::name},
                 Always{"type", &S::type});
BERTH_ECS_FIELDS(wire::AcsProxyConfiguration,
                 Always{"type", &S::type},
                 Always{"containerName", &S::containerName},
                 Always{"properties", &S::properties});
BERTH_ECS_FIELDS(wire::AcsTask,
                 Always{"arn", &S::arn},
                 Field{"taskClusterArn", &S::taskClusterArn},
                 Always{"family", &S::family},
                 Always{"version", &S::version},
                 Always{"desiredStatus", &S::desiredStatus},
                 Field{"overrides", &S::overrides},
                 Always{"containers", &S::containers},
                 Always{"volumes", &S::volumes},
                 Field{"roleCredentials", &S::roleCredentials},
                 Field{"executionRoleCredentials", &S::executionRoleCredentials},
                 Field{"elasticNetworkInterfaces", &S::elasticNetworkInterfaces},
                 Field{"cpu", &S::cpu},
                 Field{"memory", &S::memory},
                 Field{"associations", &S::associations},
                 Field{"pidMode", &S::pidMode},
                 Field{"ipcMode", &S::ipcMode},
                 Field{"proxyConfiguration", &S::proxyConfiguration},
                 Field{"launchType", &S::launchType},
                 Field{"networkMode", &S::networkMode},
                 Field{"serviceName", &S::serviceName},
                 Field{"group", &S::group},
                 Field{"taskDefinitionAccountId", &S::taskDefinitionAccountId},
                 Field{"enableFaultInjection", &S::enableFaultInjection});
// clang-format on

}  // namespace berth::ecs
