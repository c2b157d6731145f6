// Tags of resources, in the shapes of the ECS API.
#pragma once

#include "ecs/api/common.h"

namespace berth::ecs::api {

struct TagResourceRequest {
  std::string resourceArn;
  std::vector<Tag> tags;
};

struct UntagResourceRequest {
  std::string resourceArn;
  std::vector<std::string> tagKeys;
};

struct ListTagsForResourceRequest {
  std::string resourceArn;
};

struct ListTagsForResourceResponse {
  std::vector<Tag> tags;
};

}  // namespace berth::ecs::api
