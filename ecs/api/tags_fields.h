// Tags. Field lists of the structs in ecs/api/tags.h.
#pragma once

#include "ecs/api/common_fields.h"
#include "ecs/api/tags.h"

namespace berth::ecs {

// clang-format off
BERTH_ECS_FIELDS(api::TagResourceRequest,
                 Required{"resourceArn", &S::resourceArn},
                 Required{"tags", &S::tags});
BERTH_ECS_FIELDS(api::UntagResourceRequest,
                 Required{"resourceArn", &S::resourceArn},
                 Required{"tagKeys", &S::tagKeys});
BERTH_ECS_FIELDS(api::ListTagsForResourceRequest,
                 Required{"resourceArn", &S::resourceArn});
BERTH_ECS_FIELDS(api::ListTagsForResourceResponse,
                 Always{"tags", &S::tags});
// clang-format on

}  // namespace berth::ecs
