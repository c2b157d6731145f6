#include "ecs/api/body.h"
#include "ecs/api/container_instance_fields.h"

namespace berth::ecs::api {

BERTH_ECS_BODY(RegisterContainerInstanceRequest);
BERTH_ECS_BODY(ContainerInstanceResponse);
BERTH_ECS_BODY(DeregisterContainerInstanceRequest);
BERTH_ECS_BODY(DescribeContainerInstancesRequest);
BERTH_ECS_BODY(ContainerInstancesResponse);
BERTH_ECS_BODY(ListContainerInstancesRequest);
BERTH_ECS_BODY(ListContainerInstancesResponse);
BERTH_ECS_BODY(UpdateContainerInstancesStateRequest);
BERTH_ECS_BODY(AttributesRequest);
BERTH_ECS_BODY(AttributesResponse);
BERTH_ECS_BODY(ListAttributesRequest);
BERTH_ECS_BODY(ListAttributesResponse);
BERTH_ECS_BODY(ContainerInstance);

}  // namespace berth::ecs::api
