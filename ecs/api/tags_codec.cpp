#include "ecs/api/body.h"
#include "ecs/api/tags_fields.h"

namespace berth::ecs::api {

BERTH_ECS_BODY(TagResourceRequest);
BERTH_ECS_BODY(UntagResourceRequest);
BERTH_ECS_BODY(ListTagsForResourceRequest);
BERTH_ECS_BODY(ListTagsForResourceResponse);

}  // namespace berth::ecs::api
