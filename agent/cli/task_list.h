// What the commands that take several tasks have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/task/agent_context.h"
#include "base/result.h"

namespace berth::agent::cli {

/// The tasks of these names or ids; fails at the first that is not there.
Result<std::vector<TaskRecord>> FindTasks(AgentContext& context,
                                          const std::vector<std::string>& names);

/// Does `work` for each, carrying on with the others when one fails. 0, or all the failures.
Result<int> ForEachTask(const std::vector<TaskRecord>& tasks,
                        const std::function<Result<void>(const TaskRecord&)>& work);

}  // namespace berth::agent::cli
