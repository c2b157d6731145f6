// From a task as a scheduler orders it to what is launched.
#pragma once

#include <optional>
#include <string>

#include "agent/task/interfaces.h"
#include "base/result.h"
#include "ecs/task_definition.h"
#include "ecs/wire/acs_task.h"

namespace berth::agent::engine {

/// The id of the host's task: the last part of the ARN if that is one (32 hexadecimal digits), else
/// one that is always the same for the ARN.
std::string TaskIdOf(const std::string& arn);

/// The UUID in the URLs of a container's endpoints. Nobody can guess it who does not know `secret`.
std::string EndpointIdOf(const std::string& secret, const std::string& container);
/// The container's runtimeId: 64 hexadecimal digits.
std::string RuntimeIdOf(const std::string& task_id, const std::string& container);

/// The name of the service that the task is for; "" if it is for none.
std::string ServiceOf(const ecs::wire::AcsTask& order);

struct OrderFacts {
  const std::string& secret;
  const std::string& region;
};

/// The definition to launch: that of the order, with the environment that ECS adds (metadata and
/// credentials URIs, region). Errors say what this build can't do, or what is wrong.
Result<ecs::TaskDefinition> DefinitionOf(const ecs::wire::AcsTask& order, const OrderFacts& facts);

/// The order's interface; nothing if it has none. One of another scheduler, which does not say
/// which groups it is in, is in the host's default group. Errors name the field.
Result<std::optional<GivenInterface>> InterfaceOf(const ecs::wire::AcsTask& order);

}  // namespace berth::agent::engine
