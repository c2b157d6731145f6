// berth stop and berth rm.
#include "agent/cli/commands.h"
#include "agent/shim/control.h"
#include "agent/task/agent_context.h"
#include "agent/task/teardown.h"
#include "base/pidfd.h"
#include "base/text.h"
#include "net/attachment.h"

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

// Carries on with the others when one fails.
Result<int> ForEach(const std::vector<TaskRecord>& tasks,
                    const std::function<Result<void>(const TaskRecord&)>& work) {
  std::vector<std::string> failures;
  for (const TaskRecord& task : tasks) {
    const auto done = work(task).Context("{}", task.name);
    if (!done) failures.push_back(done.error().message());
  }
  if (failures.empty()) return 0;
  return Error(Join(failures, "\n"));
}

Result<std::vector<TaskRecord>> FindAll(AgentContext& context,
                                        const std::vector<std::string>& names) {
  std::vector<TaskRecord> tasks;
  for (const std::string& name : names) tasks.push_back(TRY(context.state.Find(name)));
  return tasks;
}

}  // namespace

Result<int> Stop(const Paths& paths, const StopOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  return ForEach(TRY(FindAll(context, options.tasks)), [&](const TaskRecord& task) {
    return StopTask(context, task, options.timeout);
  });
}

Result<int> Rm(const Paths& paths, const RmOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  TRY(Recover(context));
  const std::vector<TaskRecord> tasks =
      options.all ? TRY(context.state.Tasks()) : TRY(FindAll(context, options.tasks));
  const int code = TRY(ForEach(tasks, [&](const TaskRecord& task) -> Result<void> {
    const bool running = task.phase != Phase::kEnded && OwnerAlive(task);
    if (running && task.phase == Phase::kIntent) return MakeError("it is being started");
    if (running && !options.force) {
      return MakeError("it is running; stop it first, or use --force");
    }
    return RemoveTask(context, task);
  }));
  if (!options.all) return code;
  // With every record gone, what is left of ours in the network belongs to nobody.
  if (TRY(context.state.Tasks()).empty()) TRY(net::SweepExcept({}, paths.NetLock()));
  return code;
}

Result<int> Finish(const Paths& paths, const std::string& task_id) {
  AgentContext context = TRY(AgentContext::Open(paths));
  TRY(EndTask(context, TRY(context.state.Find(task_id)), ""));
  return 0;
}

}  // namespace berth::agent::cli
