#include "base/files.h"
#include "base/pidfd.h"
#include "cgroups/freezer.h"
#include "runtime/state/state_dir.h"

namespace berth::runtime {
namespace {

// Whether the process of that number is the one that started then, and has not ended: the second
// field of /proc/PID/stat that may hold anything, the name, is in parentheses (proc_pid_stat(5)).
bool Lives(pid_t pid, uint64_t start_time) {
  const auto stat = ReadFile(fmt::format("/proc/{}/stat", pid));
  if (!stat) return false;
  const size_t state = stat->rfind(')');
  if (state == std::string::npos || state + 2 >= stat->size()) return false;
  const char letter = (*stat)[state + 2];
  if (letter == 'Z' || letter == 'X') return false;
  return ProcessStartTime(pid).ValueOr(0) == start_time;
}

bool IsFrozen(const CgroupRecord& cgroup) {
  if (cgroup.path.empty()) return false;
  const auto state = cgroups::ReadFreezerState(cgroup.path);
  return state && *state != cgroups::FreezerState::kThawed;
}

}  // namespace

Result<ContainerState> CurrentState(const StateDir& dir, const Record& record) {
  ContainerState state = {.id = record.id,
                          .pid = record.pid,
                          .bundle = record.bundle,
                          .annotations = record.annotations};
  if (record.pid == 0) {
    state.status = dir.Locked() ? Status::kCreating : Status::kStopped;
  } else if (!Lives(record.pid, record.start_time)) {
    state.status = Status::kStopped;
    state.pid = 0;
  } else {
    state.status = dir.WaitsForStart()       ? Status::kCreated
                   : dir.IsBeingMade()       ? Status::kCreating
                   : IsFrozen(record.cgroup) ? Status::kPaused
                                             : Status::kRunning;
  }
  return state;
}

}  // namespace berth::runtime
