// The messages of TCS. Field lists of the structs in ecs/wire/tcs_message.h. Always are those that
// other agents and schedulers look for, and those that their own messages never lack.
#pragma once

#include "ecs/fields.h"
#include "ecs/wire/tcs_message.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(wire::StatsSet,
                 Always{"min", &S::min},
                 Always{"max", &S::max},
                 Always{"sampleCount", &S::sampleCount},
                 Always{"sum", &S::sum});
BERTH_ECS_FIELDS(wire::ULongStatsSet,
                 Always{"min", &S::min},
                 Always{"overflowMin", &S::overflowMin},
                 Always{"max", &S::max},
                 Always{"overflowMax", &S::overflowMax},
                 Always{"sampleCount", &S::sampleCount},
                 Always{"sum", &S::sum},
                 Always{"overflowSum", &S::overflowSum});
BERTH_ECS_FIELDS(wire::StorageStatsSet,
                 Field{"readSizeBytes", &S::readSizeBytes},
                 Field{"writeSizeBytes", &S::writeSizeBytes});
BERTH_ECS_FIELDS(wire::NetworkStatsSet,
                 Field{"rxBytes", &S::rxBytes},
                 Field{"rxPackets", &S::rxPackets},
                 Field{"rxErrors", &S::rxErrors},
                 Field{"rxDropped", &S::rxDropped},
                 Field{"txBytes", &S::txBytes},
                 Field{"txPackets", &S::txPackets},
                 Field{"txErrors", &S::txErrors},
                 Field{"txDropped", &S::txDropped},
                 Field{"rxBytesPerSecond", &S::rxBytesPerSecond},
                 Field{"txBytesPerSecond", &S::txBytesPerSecond});
BERTH_ECS_FIELDS(wire::RestartStatsSet,
                 Always{"restartCount", &S::restartCount});
BERTH_ECS_FIELDS(wire::ContainerMetric,
                 Always{"containerName", &S::containerName},
                 Field{"containerArn", &S::containerArn},
                 Field{"cpuStatsSet", &S::cpuStatsSet},
                 Field{"memoryStatsSet", &S::memoryStatsSet},
                 Field{"networkStatsSet", &S::networkStatsSet},
                 Field{"storageStatsSet", &S::storageStatsSet},
                 Field{"restartStatsSet", &S::restartStatsSet});
BERTH_ECS_FIELDS(wire::TaskMetric,
                 Always{"taskArn", &S::taskArn},
                 Field{"clusterArn", &S::clusterArn},
                 Always{"taskDefinitionFamily", &S::taskDefinitionFamily},
                 Always{"taskDefinitionVersion", &S::taskDefinitionVersion},
                 Always{"containerMetrics", &S::containerMetrics});
BERTH_ECS_FIELDS(wire::MetricsMetadata,
                 Always{"cluster", &S::cluster},
                 Always{"containerInstance", &S::containerInstance},
                 Always{"idle", &S::idle},
                 Always{"fin", &S::fin},
                 Always{"messageId", &S::messageId});
BERTH_ECS_FIELDS(wire::PublishMetricsRequest,
                 Required{"metadata", &S::metadata},
                 Field{"taskMetrics", &S::taskMetrics},
                 Field{"timestamp", &S::timestamp});
BERTH_ECS_FIELDS(wire::ContainerHealth,
                 Always{"containerName", &S::containerName},
                 Always{"healthStatus", &S::healthStatus},
                 Field{"statusSince", &S::statusSince},
                 Field{"statusMessage", &S::statusMessage});
BERTH_ECS_FIELDS(wire::TaskHealth,
                 Always{"taskArn", &S::taskArn},
                 Field{"clusterArn", &S::clusterArn},
                 Always{"taskDefinitionFamily", &S::taskDefinitionFamily},
                 Always{"taskDefinitionVersion", &S::taskDefinitionVersion},
                 Always{"containers", &S::containers});
BERTH_ECS_FIELDS(wire::HealthMetadata,
                 Always{"cluster", &S::cluster},
                 Always{"containerInstance", &S::containerInstance},
                 Always{"fin", &S::fin},
                 Always{"messageId", &S::messageId});
BERTH_ECS_FIELDS(wire::PublishHealthRequest,
                 Required{"metadata", &S::metadata},
                 Always{"tasks", &S::tasks},
                 Field{"timestamp", &S::timestamp});
BERTH_ECS_FIELDS(wire::InstanceStatus,
                 Always{"type", &S::type},
                 Always{"status", &S::status},
                 Field{"statusReason", &S::statusReason},
                 Field{"lastUpdated", &S::lastUpdated},
                 Field{"lastStatusChange", &S::lastStatusChange});
BERTH_ECS_FIELDS(wire::InstanceStatusMetadata,
                 Always{"cluster", &S::cluster},
                 Always{"containerInstance", &S::containerInstance},
                 Always{"requestId", &S::requestId});
BERTH_ECS_FIELDS(wire::PublishInstanceStatusRequest,
                 Required{"metadata", &S::metadata},
                 Always{"statuses", &S::statuses},
                 Field{"timestamp", &S::timestamp});
BERTH_ECS_FIELDS(wire::AckPublishMetric,
                 Always{"message", &S::message});
BERTH_ECS_FIELDS(wire::AckPublishHealth,
                 Always{"message", &S::message});
BERTH_ECS_FIELDS(wire::AckPublishInstanceStatus,
                 Always{"message", &S::message});
// clang-format on

}  // namespace berth::ecs
