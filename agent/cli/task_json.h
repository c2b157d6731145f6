// A task in the shape of ECS's DescribeTasks.
#pragma once

#include "agent/task/task_view.h"
#include "base/json.h"

namespace berth::agent::cli {

/// The Task structure of the ECS API, as far as there is something to say; times in RFC 3339. The
/// ARNs are those of cluster "berth" in a region "local". Beside ECS's fields: `name`, what the
/// task is called on this host, and for each container `restartCount` and, while it runs, `pid`.
Json DescribeTask(const TaskView& task);
/// A container's published ports, a list: NetworkBinding of the ECS API.
Json NetworkBindings(const ContainerView& container);

}  // namespace berth::agent::cli
