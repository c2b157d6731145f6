#include "ecs/api/body.h"
#include "ecs/api/task_definition_fields.h"

namespace berth::ecs::api {

BERTH_ECS_BODY(TaskDefinitionResponse);
BERTH_ECS_BODY(DescribeTaskDefinitionRequest);
BERTH_ECS_BODY(DeregisterTaskDefinitionRequest);
BERTH_ECS_BODY(DeleteTaskDefinitionsRequest);
BERTH_ECS_BODY(DeleteTaskDefinitionsResponse);
BERTH_ECS_BODY(ListTaskDefinitionsRequest);
BERTH_ECS_BODY(ListTaskDefinitionsResponse);
BERTH_ECS_BODY(ListTaskDefinitionFamiliesRequest);
BERTH_ECS_BODY(ListTaskDefinitionFamiliesResponse);
BERTH_ECS_BODY(RegisteredTaskDefinition);

}  // namespace berth::ecs::api
