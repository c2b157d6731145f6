// berth rm
#include "agent/cli/commands.h"
#include "agent/cli/task_list.h"
#include "agent/task/agent_context.h"
#include "agent/task/teardown.h"
#include "base/log.h"
#include "net/attachment.h"
#include "net/firewall/host_table.h"

namespace berth::agent::cli {

Result<int> Rm(const Paths& paths, const RmOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  // It may be in the way of what is removed here, or have nothing to do with it.
  if (const auto recovered = Recover(context); !recovered) {
    log::Warning("{}", recovered.error().message());
  }
  const std::vector<TaskRecord> tasks =
      options.all ? TRY(context.state.Tasks()) : TRY(FindTasks(context, options.tasks));
  const int code = TRY(ForEachTask(tasks, [&](const TaskRecord& seen) -> Result<void> {
    const auto sighting = LookAt(context, seen);
    if (!sighting) return {};  // somebody else has removed it
    const auto& [task, running] = *sighting;
    if (running && options.all && !options.force) return {};
    if (running && task.phase == Phase::kIntent) return MakeError("it is being started");
    if (running && !options.force) {
      return MakeError("it is running; stop it first, or use --force");
    }
    return RemoveTask(context, task);
  }));
  if (!options.all) return code;
  // With every record gone, what is left of ours belongs to nobody.
  // The firewall's lock comes before the database's, here as everywhere (group_changes.h).
  net::HostTable firewall = TRY(net::HostTable::Lock(paths.NetLock()));
  TRY(context.state.IfNoTasks([&]() -> Result<void> {
    // First, as it fails if what is here is another Berth's.
    TRY(net::SweepExcept({}, firewall));
    if (options.force) TRY(RemoveStrays(context));
    return {};
  }));
  return code;
}

}  // namespace berth::agent::cli
