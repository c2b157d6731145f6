// berth stop
#include "agent/cli/commands.h"
#include "agent/cli/task_list.h"
#include "agent/shim/control.h"
#include "agent/task/agent_context.h"
#include "agent/task/teardown.h"
#include "base/pidfd.h"

namespace berth::agent::cli {
namespace {

// Asks the shim to stop its task and waits until shim and finisher are through.
Result<void> StopTask(AgentContext& context, const TaskRecord& task, std::optional<int> timeout) {
  if (task.phase == Phase::kEnded) return {};
  auto control = shim::ConnectControl(context.paths.ControlSocket(task.id));
  if (!control) return EndTask(context, task, "the task's shim has died");
  const Pidfd shim = TRY(Pidfd::Open(static_cast<pid_t>(task.owner.pid)));
  TRY(shim::Call(control->get(), {.kind = shim::Request::Kind::kStop,
                                  .stop_code = "UserInitiated",
                                  .reason = "Task stopped by user",
                                  .stop_timeout = timeout}));
  control->Reset();
  TRY(shim.WaitForEnd(std::nullopt));
  // A foreground `berth run` or the finisher has done this already, as a rule.
  auto record = context.state.Find(task.id);
  return record ? EndTask(context, *record, "the task's shim has died") : Result<void>();
}

}  // namespace

Result<int> Stop(const Paths& paths, const StopOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  return ForEachTask(TRY(FindTasks(context, options.tasks)), [&](const TaskRecord& task) {
    return StopTask(context, task, options.timeout);
  });
}

}  // namespace berth::agent::cli
