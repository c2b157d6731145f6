// The text of the API for each value of the enumerations of ecs/api/.
#pragma once

#include "ecs/api/container_instance.h"
#include "ecs/api/task.h"
#include "ecs/api/task_definition.h"
#include "ecs/names.h"

namespace berth::ecs {

BERTH_ECS_NAMES(api::LaunchType, "EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES");
BERTH_ECS_NAMES(api::DesiredStatus, "RUNNING", "PENDING", "STOPPED");
BERTH_ECS_NAMES(api::TargetType, "container-instance");
BERTH_ECS_NAMES(api::SortOrder, "ASC", "DESC");
BERTH_ECS_NAMES(api::ContainerInstanceStatus, "ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING",
                "REGISTRATION_FAILED");
BERTH_ECS_NAMES(api::HealthStatus, "HEALTHY", "UNHEALTHY", "UNKNOWN");
BERTH_ECS_NAMES(api::Connectivity, "CONNECTED", "DISCONNECTED");
BERTH_ECS_NAMES(api::TaskStopCode, "TaskFailedToStart", "EssentialContainerExited", "UserInitiated",
                "ServiceSchedulerInitiated", "SpotInterruption", "TerminationNotice");
BERTH_ECS_NAMES(api::PropagateTags, "TASK_DEFINITION", "SERVICE", "NONE");
BERTH_ECS_NAMES(api::TaskConstraintType, "distinctInstance", "memberOf");
BERTH_ECS_NAMES(api::PlacementStrategyType, "random", "spread", "binpack");
BERTH_ECS_NAMES(api::TaskDefinitionStatus, "ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS");
BERTH_ECS_NAMES(api::TaskDefinitionFamilyStatus, "ACTIVE", "INACTIVE", "ALL");

}  // namespace berth::ecs
