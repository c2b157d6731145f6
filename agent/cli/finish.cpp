// What a shim becomes at its end.
#include "agent/cli/commands.h"
#include "agent/task/agent_context.h"
#include "agent/task/teardown.h"

namespace berth::agent::cli {

Result<int> Finish(const Paths& paths, const std::string& task_id) {
  AgentContext context = TRY(AgentContext::Open(paths));
  TRY(EndTask(context, TRY(context.state.Find(task_id)), ""));
  return 0;
}

}  // namespace berth::agent::cli
