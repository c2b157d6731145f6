// berth stop
#include "agent/cli/commands.h"
#include "agent/cli/task_list.h"
#include "agent/shim/control.h"
#include "agent/task/agent_context.h"
#include "agent/task/teardown.h"
#include "base/pidfd.h"

namespace berth::agent::cli {
namespace {

Result<void> AskShim(const Paths& paths, const TaskRecord& task, std::optional<int> timeout) {
  const UniqueFd control = TRY(shim::ConnectControl(paths.ControlSocket(task.id)));
  TRY(shim::Call(control.get(), {.kind = shim::Request::Kind::kStop,
                                 .stop_code = "UserInitiated",
                                 .reason = "Task stopped by user",
                                 .stop_timeout = timeout}));
  return {};
}

// Asks the shim to stop its task and waits until shim and finisher are through.
Result<void> StopTask(AgentContext& context, const TaskRecord& seen, std::optional<int> timeout) {
  const auto [task, alive] = TRY(LookAt(context, seen));
  if (task.phase == Phase::kEnded) return {};
  if (alive && task.phase == Phase::kIntent) return MakeError("it is being started");
  const auto shim = Pidfd::Open(static_cast<pid_t>(task.owner.pid));
  if (!shim || !alive) return EndTask(context, task, "the task's shim has died");
  const auto asked = AskShim(context.paths, task, timeout);
  // A shim that does not answer is, as a rule, through with its task and the finisher by now.
  using Patience = std::optional<std::chrono::milliseconds>;
  const bool ended = TRY(shim->WaitForEnd(asked ? Patience() : std::chrono::seconds(10)));
  if (!ended) return asked;
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
