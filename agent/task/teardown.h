// The end of a task: everything made for it is unmade. Each step can be repeated and works without
// the ones before it, so it serves the orderly end and the clean-up after a crash alike.
#pragma once

#include <string>
#include <vector>

#include "agent/state/state.h"
#include "agent/task/agent_context.h"
#include "base/result.h"

namespace berth::agent {

/// Whether the caller waits for the kernel to take the task's interfaces down (20 ms each). They
/// are cut off from the network either way, before anything else is given back.
enum class Interfaces {
  kGoneOnReturn,
  kGoneSoon,  // a child process that nobody waits for sees to it
};

/// Gives back what a task took of the host: processes, network, cgroups, writable layers, address
/// and ports. Its record, journal and logs stay. Carries on past failures and returns them all.
/// `why` is told as the stop reason of a task whose shim did not tell one.
Result<void> EndTask(AgentContext& context, const TaskRecord& task, std::string_view why,
                     Interfaces interfaces = Interfaces::kGoneOnReturn);

/// The same, and also its record, journal and logs.
Result<void> RemoveTask(AgentContext& context, const TaskRecord& task,
                        Interfaces interfaces = Interfaces::kGoneOnReturn);

/// Kills and removes what no record names, as after the loss of the database. Only for when there
/// is no task at all (State::IfNoTasks). The network has net::SweepExcept for it.
Result<void> RemoveStrays(AgentContext& context);

/// Whether the process that a record names as its owner is alive.
bool OwnerAlive(const TaskRecord& task);

/// A task's record, and whether who it names as the owner is alive.
struct Sighting {
  TaskRecord task;
  bool alive = false;
};

/// A look at a task that was read before, such that a dead owner means a dead task. A launch hands
/// its task on to the shim and ends, so the record may name an owner who is no longer it: then it
/// is read again. To ask once more whether the owner is alive would bring that doubt back. An ended
/// task counts as dead. Fails if the record has been removed.
Result<Sighting> LookAt(AgentContext& context, TaskRecord task);

/// Ends every task whose owner has died: half-made ones of killed launches, and running ones that
/// have lost their shim. Failures are returned together; what could be cleaned is clean.
Result<void> Recover(AgentContext& context);

}  // namespace berth::agent
