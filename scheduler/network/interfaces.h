// Elastic network interfaces: addresses of the scheduler's subnets, one a task in awsvpc mode.
#pragma once

#include <string>

#include "ecs/api/common.h"
#include "ecs/api/task.h"
#include "ecs/api_error.h"
#include "ecs/network_configuration.h"
#include "ecs/wire/acs_task.h"
#include "scheduler/model/arns.h"
#include "scheduler/model/world.h"

namespace berth::scheduler {

/// Checks what RunTask is told: subnets and groups that exist, as many as ECS allows (16 and 5).
/// Errors: InvalidParameterException, as EC2 words them.
ecs::ApiResult<void> CheckNetwork(const World& world, const ecs::AwsVpcConfiguration& network);

struct InterfaceOwner {
  std::string cluster;
  std::string task_id;
};

/// Makes an interface in the first of the subnets that has an address left. An address rests as
/// long as possible before it is given out again. Error: InvalidParameterException if none has any.
ecs::ApiResult<InterfaceRecord> AllocateInterface(World& world, const InterfaceOwner& owner,
                                                  const ecs::AwsVpcConfiguration& network);

/// Gives its address back. One that is gone already is no error.
void ReleaseInterface(World& world, const std::string& id);

/// As agents are told of it, with what Berth's own agents need to make it and to enforce its
/// groups.
ecs::wire::ElasticNetworkInterface ToWire(const World& world, const InterfaceRecord& record);

/// As DescribeTasks shows it among a task's attachments.
ecs::api::Attachment ToAttachment(const World& world, const InterfaceRecord& record);

/// As it shows it in each of the task's containers.
ecs::api::NetworkInterface ToNetworkInterface(const InterfaceRecord& record);

/// "PRECREATED", "ATTACHING", ...
std::string_view ShownStatus(InterfaceStatus status);

}  // namespace berth::scheduler
