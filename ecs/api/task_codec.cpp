#include "ecs/api/body.h"
#include "ecs/api/task_fields.h"

namespace berth::ecs::api {

BERTH_ECS_BODY(RunTaskRequest);
BERTH_ECS_BODY(StartTaskRequest);
BERTH_ECS_BODY(TasksResponse);
BERTH_ECS_BODY(StopTaskRequest);
BERTH_ECS_BODY(TaskResponse);
BERTH_ECS_BODY(DescribeTasksRequest);
BERTH_ECS_BODY(ListTasksRequest);
BERTH_ECS_BODY(ListTasksResponse);
BERTH_ECS_BODY(GetTaskProtectionRequest);
BERTH_ECS_BODY(UpdateTaskProtectionRequest);
BERTH_ECS_BODY(TaskProtectionResponse);
BERTH_ECS_BODY(Task);

}  // namespace berth::ecs::api
