// What ECS allows as tags of a resource (up to 50; keys of 128, values of 256 characters).
#pragma once

#include <vector>

#include "ecs/api_error.h"
#include "ecs/task_definition.h"

namespace berth::scheduler {

/// Error: InvalidParameterException, which names the tag.
ecs::ApiResult<void> CheckTags(const std::vector<ecs::Tag>& tags);

/// `tags` with those of `more` added or, under the same key, replaced.
std::vector<ecs::Tag> WithTags(std::vector<ecs::Tag> tags, const std::vector<ecs::Tag>& more);

}  // namespace berth::scheduler
