#include "ecs/api/body.h"
#include "ecs/api/cluster_fields.h"

namespace berth::ecs::api {

BERTH_ECS_BODY(CreateClusterRequest);
BERTH_ECS_BODY(ClusterResponse);
BERTH_ECS_BODY(DescribeClustersRequest);
BERTH_ECS_BODY(DescribeClustersResponse);
BERTH_ECS_BODY(ListClustersRequest);
BERTH_ECS_BODY(ListClustersResponse);
BERTH_ECS_BODY(UpdateClusterRequest);
BERTH_ECS_BODY(UpdateClusterSettingsRequest);
BERTH_ECS_BODY(DeleteClusterRequest);
BERTH_ECS_BODY(Cluster);

}  // namespace berth::ecs::api
