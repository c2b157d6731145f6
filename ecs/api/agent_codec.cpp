#include "ecs/api/agent_fields.h"
#include "ecs/api/body.h"

namespace berth::ecs::api {

BERTH_ECS_BODY(DiscoverPollEndpointRequest);
BERTH_ECS_BODY(DiscoverPollEndpointResponse);
BERTH_ECS_BODY(SubmitTaskStateChangeRequest);
BERTH_ECS_BODY(SubmitContainerStateChangeRequest);
BERTH_ECS_BODY(SubmitAttachmentStateChangesRequest);
BERTH_ECS_BODY(AcknowledgmentResponse);

}  // namespace berth::ecs::api
