// Clusters. Field lists of the structs in ecs/api/cluster.h.
#pragma once

#include "ecs/api/cluster.h"
#include "ecs/api/common_fields.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(api::ClusterSetting,
                 Always{"name", &S::name},
                 Always{"value", &S::value});
BERTH_ECS_FIELDS(api::ExecuteCommandLogConfiguration,
                 Field{"cloudWatchLogGroupName", &S::cloudWatchLogGroupName},
                 Field{"cloudWatchEncryptionEnabled", &S::cloudWatchEncryptionEnabled},
                 Field{"s3BucketName", &S::s3BucketName},
                 Field{"s3EncryptionEnabled", &S::s3EncryptionEnabled},
                 Field{"s3KeyPrefix", &S::s3KeyPrefix});
BERTH_ECS_FIELDS(api::ExecuteCommandConfiguration,
                 Field{"kmsKeyId", &S::kmsKeyId},
                 Field{"logging", &S::logging},
                 Field{"logConfiguration", &S::logConfiguration});
BERTH_ECS_FIELDS(api::ClusterConfiguration,
                 Field{"executeCommandConfiguration", &S::executeCommandConfiguration});
BERTH_ECS_FIELDS(api::ServiceConnectDefaults,
                 Always{"namespace", &S::namespace_});
BERTH_ECS_FIELDS(api::Cluster,
                 Always{"clusterArn", &S::clusterArn},
                 Always{"clusterName", &S::clusterName},
                 Field{"configuration", &S::configuration},
                 Always{"status", &S::status},
                 Always{"registeredContainerInstancesCount", &S::registeredContainerInstancesCount},
                 Always{"runningTasksCount", &S::runningTasksCount},
                 Always{"pendingTasksCount", &S::pendingTasksCount},
                 Always{"activeServicesCount", &S::activeServicesCount},
                 Always{"statistics", &S::statistics},
                 Always{"tags", &S::tags},
                 Always{"settings", &S::settings},
                 Always{"capacityProviders", &S::capacityProviders},
                 Always{"defaultCapacityProviderStrategy", &S::defaultCapacityProviderStrategy},
                 Field{"serviceConnectDefaults", &S::serviceConnectDefaults});
BERTH_ECS_FIELDS(api::CreateClusterRequest,
                 Field{"clusterName", &S::clusterName},
                 Field{"tags", &S::tags},
                 Field{"settings", &S::settings},
                 Field{"configuration", &S::configuration},
                 Field{"capacityProviders", &S::capacityProviders},
                 Field{"defaultCapacityProviderStrategy", &S::defaultCapacityProviderStrategy},
                 Field{"serviceConnectDefaults", &S::serviceConnectDefaults});
BERTH_ECS_FIELDS(api::ClusterResponse,
                 Always{"cluster", &S::cluster});
BERTH_ECS_FIELDS(api::DescribeClustersRequest,
                 Field{"clusters", &S::clusters},
                 Field{"include", &S::include});
BERTH_ECS_FIELDS(api::DescribeClustersResponse,
                 Always{"clusters", &S::clusters},
                 Always{"failures", &S::failures});
BERTH_ECS_FIELDS(api::ListClustersRequest,
                 Field{"nextToken", &S::nextToken},
                 Field{"maxResults", &S::maxResults});
BERTH_ECS_FIELDS(api::ListClustersResponse,
                 Always{"clusterArns", &S::clusterArns},
                 Field{"nextToken", &S::nextToken});
BERTH_ECS_FIELDS(api::UpdateClusterRequest,
                 Required{"cluster", &S::cluster},
                 Field{"settings", &S::settings},
                 Field{"configuration", &S::configuration},
                 Field{"serviceConnectDefaults", &S::serviceConnectDefaults});
BERTH_ECS_FIELDS(api::UpdateClusterSettingsRequest,
                 Required{"cluster", &S::cluster},
                 Required{"settings", &S::settings});
BERTH_ECS_FIELDS(api::DeleteClusterRequest,
                 Required{"cluster", &S::cluster});
// clang-format on

}  // namespace berth::ecs
