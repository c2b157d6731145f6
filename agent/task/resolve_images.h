// The images of a task's containers, pulled where they are not here.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/images/image.h"
#include "agent/images/progress.h"
#include "agent/images/store.h"
#include "agent/task/agent_context.h"
#include "base/result.h"
#include "ecs/task_definition.h"

namespace berth::agent {

/// ECS_IMAGE_PULL_BEHAVIOR, as far as it makes sense for a person at a terminal.
enum class PullBehavior { kPreferCached, kAlways, kNever };

struct ResolveOptions {
  PullBehavior pull = PullBehavior::kPreferCached;
  std::function<void(std::string_view image)> pull_began;
  std::function<void(const images::Image&)> image_ready;
  images::ProgressSink* progress = nullptr;
};

/// One image a container, in their order. Errors start as ECS's do: CannotPullContainerError.
Result<std::vector<images::Image>> ResolveImages(AgentContext& context, images::Store& store,
                                                 const ecs::TaskDefinition& definition,
                                                 const ResolveOptions& options);

/// Where Docker keeps registry credentials: $DOCKER_CONFIG or ~/.docker, config.json.
std::string DockerConfigPath();

}  // namespace berth::agent
