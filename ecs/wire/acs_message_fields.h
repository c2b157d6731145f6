// The messages of ACS. Field lists of the structs in ecs/wire/acs_message.h. Always are those that
// other agents and schedulers look for, and those that their own messages never lack.
#pragma once

#include "ecs/wire/acs_message.h"
#include "ecs/wire/acs_task_fields.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(wire::HeartbeatMessage,
                 Always{"healthy", &S::healthy},
                 Field{"messageId", &S::messageId});
BERTH_ECS_FIELDS(wire::PayloadMessage,
                 Always{"clusterArn", &S::clusterArn},
                 Always{"containerInstanceArn", &S::containerInstanceArn},
                 Always{"messageId", &S::messageId},
                 Always{"generatedAt", &S::generatedAt},
                 Always{"seqNum", &S::seqNum},
                 Always{"tasks", &S::tasks});
BERTH_ECS_FIELDS(wire::TaskIdentifier,
                 Always{"desiredStatus", &S::desiredStatus},
                 Always{"taskArn", &S::taskArn},
                 Always{"taskClusterArn", &S::taskClusterArn});
BERTH_ECS_FIELDS(wire::TaskManifestMessage,
                 Always{"clusterArn", &S::clusterArn},
                 Always{"containerInstanceArn", &S::containerInstanceArn},
                 Always{"messageId", &S::messageId},
                 Always{"generatedAt", &S::generatedAt},
                 Always{"timeline", &S::timeline},
                 Always{"tasks", &S::tasks});
BERTH_ECS_FIELDS(wire::TaskStopVerificationAck,
                 Always{"messageId", &S::messageId},
                 Always{"generatedAt", &S::generatedAt},
                 Always{"stopTasks", &S::stopTasks});
BERTH_ECS_FIELDS(wire::IAMRoleCredentialsMessage,
                 Always{"messageId", &S::messageId},
                 Always{"taskArn", &S::taskArn},
                 Always{"taskClusterArn", &S::taskClusterArn},
                 Always{"roleType", &S::roleType},
                 Always{"roleCredentials", &S::roleCredentials});
BERTH_ECS_FIELDS(wire::AttachTaskNetworkInterfacesMessage,
                 Always{"clusterArn", &S::clusterArn},
                 Always{"containerInstanceArn", &S::containerInstanceArn},
                 Always{"messageId", &S::messageId},
                 Always{"taskArn", &S::taskArn},
                 Always{"taskClusterArn", &S::taskClusterArn},
                 Always{"generatedAt", &S::generatedAt},
                 Always{"waitTimeoutMs", &S::waitTimeoutMs},
                 Always{"elasticNetworkInterfaces", &S::elasticNetworkInterfaces});
BERTH_ECS_FIELDS(wire::AttachInstanceNetworkInterfacesMessage,
                 Always{"clusterArn", &S::clusterArn},
                 Always{"containerInstanceArn", &S::containerInstanceArn},
                 Always{"messageId", &S::messageId},
                 Always{"generatedAt", &S::generatedAt},
                 Always{"waitTimeoutMs", &S::waitTimeoutMs},
                 Always{"elasticNetworkInterfaces", &S::elasticNetworkInterfaces});
BERTH_ECS_FIELDS(wire::PerformUpdateMessage,
                 Always{"clusterArn", &S::clusterArn},
                 Always{"containerInstanceArn", &S::containerInstanceArn},
                 Always{"messageId", &S::messageId});
BERTH_ECS_FIELDS(wire::AckRequest,
                 Always{"cluster", &S::cluster},
                 Always{"containerInstance", &S::containerInstance},
                 Always{"messageId", &S::messageId});
BERTH_ECS_FIELDS(wire::NackRequest,
                 Always{"cluster", &S::cluster},
                 Always{"containerInstance", &S::containerInstance},
                 Always{"messageId", &S::messageId},
                 Always{"reason", &S::reason});
BERTH_ECS_FIELDS(wire::HeartbeatAckRequest,
                 Always{"messageId", &S::messageId});
BERTH_ECS_FIELDS(wire::IAMRoleCredentialsAckRequest,
                 Always{"messageId", &S::messageId},
                 Always{"credentialsId", &S::credentialsId},
                 Always{"expiration", &S::expiration});
BERTH_ECS_FIELDS(wire::TaskStopVerificationMessage,
                 Always{"messageId", &S::messageId},
                 Always{"stopCandidates", &S::stopCandidates});
// clang-format on

}  // namespace berth::ecs
