// From a task definition to a running task.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/images/image.h"
#include "agent/state/state.h"
#include "agent/task/agent_context.h"
#include "agent/task/interfaces.h"
#include "agent/task/resources.h"
#include "base/result.h"
#include "cgroups/manager.h"
#include "ecs/network_configuration.h"
#include "ecs/task_definition.h"
#include "net/netns_pool.h"

namespace berth::agent {

enum class LimitPolicy {
  kWarn,    // limits that the host can't enforce are named once
  kRefuse,  // and the task is refused
};

/// A task to launch, with all that was asked for checked and found.
struct LaunchRequest {
  std::string name;                   // unique on the host
  ecs::TaskDefinition definition;     // overrides applied, nothing unsupported in it
  ecs::NetworkConfiguration network;  // for awsvpc mode
  std::vector<images::Image> images;  // by container
  /// 32 hexadecimal digits, if a scheduler has named the task; "": a new one.
  std::string id;
  /// The task's interface in awsvpc mode, if a scheduler has made it; otherwise `network` and the
  /// host's configuration say which.
  std::optional<GivenInterface> interface;
  LimitPolicy limits = LimitPolicy::kWarn;
  TaskLimitSettings task_limits;
  net::NetnsPool* netns_pool = nullptr;            // if there are namespaces made ahead of need
  std::optional<cgroups::Manager> cgroup_manager;  // absent: as the host's configuration says
  /// Descriptors to hold until the shim has the task: image holds, for one.
  std::function<void(std::string_view)> warn;
  /// Called when everything is made and reserved and nothing has started yet, if given: who serves
  /// the task has to know it before it asks.
  std::function<void(const TaskRecord&)> announce;
};

/// Makes everything the task needs and starts its shim; from then on the task goes its own way.
/// Whatever it takes is reserved in the state first. After a failure nothing is left of it; after a
/// crash at any step, the next Recover removes what there is.
Result<TaskRecord> LaunchTask(AgentContext& context, LaunchRequest request);

}  // namespace berth::agent
