// Container instances and their attributes. Field lists of the structs in
// ecs/api/container_instance.h.
#pragma once

#include "ecs/api/common_fields.h"
#include "ecs/api/container_instance.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(api::InstanceHealthCheckResult,
                 Always{"type", &S::type},
                 Always{"status", &S::status},
                 Field{"lastUpdated", &S::lastUpdated},
                 Field{"lastStatusChange", &S::lastStatusChange});
BERTH_ECS_FIELDS(api::ContainerInstanceHealthStatus,
                 Always{"overallStatus", &S::overallStatus},
                 Always{"details", &S::details});
BERTH_ECS_FIELDS(api::ContainerInstance,
                 Always{"containerInstanceArn", &S::containerInstanceArn},
                 Field{"ec2InstanceId", &S::ec2InstanceId},
                 Field{"capacityProviderName", &S::capacityProviderName},
                 Always{"version", &S::version},
                 Always{"versionInfo", &S::versionInfo},
                 Always{"remainingResources", &S::remainingResources},
                 Always{"registeredResources", &S::registeredResources},
                 Always{"status", &S::status},
                 Field{"statusReason", &S::statusReason},
                 Always{"agentConnected", &S::agentConnected},
                 Always{"runningTasksCount", &S::runningTasksCount},
                 Always{"pendingTasksCount", &S::pendingTasksCount},
                 Always{"attributes", &S::attributes},
                 Field{"registeredAt", &S::registeredAt},
                 Always{"attachments", &S::attachments},
                 Always{"tags", &S::tags},
                 Field{"healthStatus", &S::healthStatus});
BERTH_ECS_FIELDS(api::RegisterContainerInstanceRequest,
                 Field{"cluster", &S::cluster},
                 Field{"instanceIdentityDocument", &S::instanceIdentityDocument},
                 Field{"instanceIdentityDocumentSignature", &S::instanceIdentityDocumentSignature},
                 Field{"totalResources", &S::totalResources},
                 Field{"versionInfo", &S::versionInfo},
                 Field{"containerInstanceArn", &S::containerInstanceArn},
                 Field{"attributes", &S::attributes},
                 Field{"platformDevices", &S::platformDevices},
                 Field{"tags", &S::tags},
                 Field{"clientToken", &S::clientToken});
BERTH_ECS_FIELDS(api::ContainerInstanceResponse,
                 Always{"containerInstance", &S::containerInstance});
BERTH_ECS_FIELDS(api::DeregisterContainerInstanceRequest,
                 Field{"cluster", &S::cluster},
                 Required{"containerInstance", &S::containerInstance},
                 Field{"force", &S::force});
BERTH_ECS_FIELDS(api::DescribeContainerInstancesRequest,
                 Field{"cluster", &S::cluster},
                 Required{"containerInstances", &S::containerInstances},
                 Field{"include", &S::include});
BERTH_ECS_FIELDS(api::ContainerInstancesResponse,
                 Always{"containerInstances", &S::containerInstances},
                 Always{"failures", &S::failures});
BERTH_ECS_FIELDS(api::ListContainerInstancesRequest,
                 Field{"cluster", &S::cluster},
                 Field{"filter", &S::filter},
                 Field{"nextToken", &S::nextToken},
                 Field{"maxResults", &S::maxResults},
                 Field{"status", &S::status});
BERTH_ECS_FIELDS(api::ListContainerInstancesResponse,
                 Always{"containerInstanceArns", &S::containerInstanceArns},
                 Field{"nextToken", &S::nextToken});
BERTH_ECS_FIELDS(api::UpdateContainerInstancesStateRequest,
                 Field{"cluster", &S::cluster},
                 Required{"containerInstances", &S::containerInstances},
                 Required{"status", &S::status});
BERTH_ECS_FIELDS(api::AttributesRequest,
                 Field{"cluster", &S::cluster},
                 Required{"attributes", &S::attributes});
BERTH_ECS_FIELDS(api::AttributesResponse,
                 Always{"attributes", &S::attributes});
BERTH_ECS_FIELDS(api::ListAttributesRequest,
                 Field{"cluster", &S::cluster},
                 Required{"targetType", &S::targetType},
                 Field{"attributeName", &S::attributeName},
                 Field{"attributeValue", &S::attributeValue},
                 Field{"nextToken", &S::nextToken},
                 Field{"maxResults", &S::maxResults});
BERTH_ECS_FIELDS(api::ListAttributesResponse,
                 Always{"attributes", &S::attributes},
                 Field{"nextToken", &S::nextToken});
// clang-format on

}  // namespace berth::ecs
