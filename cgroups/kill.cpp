#include "cgroups/kill.h"

#include <fcntl.h>
#include <signal.h>

#include <set>
#include <span>

#include "base/cleanup.h"
#include "base/files.h"
#include "base/pidfd.h"
#include "base/text.h"
#include "cgroups/remove.h"

namespace berth::cgroups {
namespace {

// A cgroup may be removed between being listed and being read.
bool IsGone(const Error& error) { return error.Is(ENOENT) || error.Is(ENODEV); }

Result<std::vector<pid_t>> ProcessesOf(const std::string& path) {
  const auto content = ReadFile(path + "/cgroup.procs");
  if (!content) {
    // Threaded cgroups refuse the question; their processes show in the one above.
    if (IsGone(content.error()) || content.error().Is(EOPNOTSUPP)) return std::vector<pid_t>();
    return content.error();
  }
  std::vector<pid_t> pids;
  for (const std::string& line : Split(Trim(*content), '\n')) {
    // 0 is a process of a pid namespace that we can't see into.
    if (const auto pid = ParseInteger<pid_t>(line); pid && *pid > 0) pids.push_back(*pid);
  }
  return pids;
}

// Signals those that are still members once a descriptor of each is held: a number that a stranger
// got meanwhile is never hit.
Result<void> KillMembers(const std::string& path, std::span<const pid_t> pids) {
  std::vector<Pidfd> processes;
  for (const pid_t pid : pids) {
    auto process = Pidfd::Open(pid);
    if (process) processes.push_back(std::move(*process));
    if (!process && !process.error().Is(ESRCH)) return process.error();
  }
  const auto members = TRY(ListProcesses(path));
  const std::set<pid_t> still(members.begin(), members.end());
  for (const Pidfd& process : processes) {
    if (still.contains(process.pid())) TRY(process.Signal(SIGKILL));
  }
  return {};
}

}  // namespace

Result<std::vector<pid_t>> ListProcesses(const std::string& path) {
  std::vector<pid_t> pids;
  for (const std::string& cgroup : TRY(ListTree(path))) {
    const auto members = TRY(ProcessesOf(cgroup));
    pids.insert(pids.end(), members.begin(), members.end());
  }
  return pids;
}

Result<void> KillAll(const std::string& path) {
  auto killed = WriteControlFile(AT_FDCWD, path + "/cgroup.kill", "1");
  if (killed) return killed;
  if (killed.error().Is(ENODEV)) return {};  // somebody has removed it since it was opened
  if (!killed.error().Is(ENOENT)) return killed;
  return KillOneByOne(path);
}

Result<void> KillOneByOne(const std::string& path) {
  // A frozen process still dies of SIGKILL. Where there is no freezer the rounds must do.
  const std::string freeze = path + "/cgroup.freeze";
  const bool frozen = static_cast<bool>(WriteControlFile(AT_FDCWD, freeze, "1"));
  const Cleanup thaw([&] {
    // Fails only if the cgroup is gone.
    if (frozen) static_cast<void>(WriteControlFile(AT_FDCWD, freeze, "0"));
  });
  constexpr size_t kBatch = 256;  // descriptors held at a time
  std::set<pid_t> killed;
  for (int round = 0; round < 256; ++round) {
    std::vector<pid_t> batch;
    for (const pid_t pid : TRY(ListProcesses(path))) {
      if (batch.size() < kBatch && killed.insert(pid).second) batch.push_back(pid);
    }
    if (batch.empty()) return {};
    TRY(KillMembers(path, batch));
  }
  return MakeError("{} forks faster than it can be killed", path);
}

}  // namespace berth::cgroups
