// What only agents call. Field lists of the structs in ecs/api/agent.h.
#pragma once

#include "ecs/api/agent.h"
#include "ecs/api/task_fields.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(api::DiscoverPollEndpointRequest,
                 Field{"containerInstance", &S::containerInstance},
                 Field{"cluster", &S::cluster},
                 Field{"zoneId", &S::zoneId});
BERTH_ECS_FIELDS(api::DiscoverPollEndpointResponse,
                 Always{"endpoint", &S::endpoint},
                 Always{"telemetryEndpoint", &S::telemetryEndpoint},
                 Field{"serviceConnectEndpoint", &S::serviceConnectEndpoint});
BERTH_ECS_FIELDS(api::AttachmentStateChange,
                 Required{"attachmentArn", &S::attachmentArn},
                 Required{"status", &S::status});
BERTH_ECS_FIELDS(api::ManagedAgentStateChange,
                 Required{"containerName", &S::containerName},
                 Required{"managedAgentName", &S::managedAgentName},
                 Required{"status", &S::status},
                 Field{"reason", &S::reason});
BERTH_ECS_FIELDS(api::ContainerStateChange,
                 Field{"containerName", &S::containerName},
                 Field{"imageDigest", &S::imageDigest},
                 Field{"runtimeId", &S::runtimeId},
                 Field{"exitCode", &S::exitCode},
                 Field{"networkBindings", &S::networkBindings},
                 Field{"reason", &S::reason},
                 Field{"status", &S::status});
BERTH_ECS_FIELDS(api::SubmitTaskStateChangeRequest,
                 Field{"cluster", &S::cluster},
                 Field{"task", &S::task},
                 Field{"status", &S::status},
                 Field{"reason", &S::reason},
                 Field{"containers", &S::containers},
                 Field{"attachments", &S::attachments},
                 Field{"managedAgents", &S::managedAgents},
                 Field{"pullStartedAt", &S::pullStartedAt},
                 Field{"pullStoppedAt", &S::pullStoppedAt},
                 Field{"executionStoppedAt", &S::executionStoppedAt});
BERTH_ECS_FIELDS(api::SubmitContainerStateChangeRequest,
                 Field{"cluster", &S::cluster},
                 Field{"task", &S::task},
                 Field{"containerName", &S::containerName},
                 Field{"runtimeId", &S::runtimeId},
                 Field{"status", &S::status},
                 Field{"exitCode", &S::exitCode},
                 Field{"reason", &S::reason},
                 Field{"networkBindings", &S::networkBindings});
BERTH_ECS_FIELDS(api::SubmitAttachmentStateChangesRequest,
                 Field{"cluster", &S::cluster},
                 Required{"attachments", &S::attachments});
BERTH_ECS_FIELDS(api::AcknowledgmentResponse,
                 Always{"acknowledgment", &S::acknowledgment});
// clang-format on

}  // namespace berth::ecs
