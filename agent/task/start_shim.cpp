#include "agent/task/start_shim.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/files.h"
#include "base/process.h"
#include "base/steps.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/process/read_only_self.h"

namespace berth::agent {
namespace {

std::vector<std::string> EnvironmentWith(const std::string& added) {
  std::vector<std::string> env;
  for (char** entry = ::environ; *entry != nullptr; ++entry) env.emplace_back(*entry);
  env.push_back(added);
  return env;
}

}  // namespace

Result<std::string> OwnProgram(const std::string& name) {
  const std::string self = TRY(sys::ReadLink("/proc/self/exe"));
  std::string program = self.substr(0, self.find_last_of('/') + 1) + name;
  if (::access(program.c_str(), X_OK) < 0) return ErrnoError("{}", program);
  return program;
}

namespace {

// The shim says that it is there, is written down, and only then told to go.
Result<void> HandOver(const Pidfd& shim, UniqueFd ours, const std::string& log,
                      const std::function<Result<void>(ProcessIdentity)>& adopt) {
  TRY(FaultPoint("launch", "shim spawned"));
  char ready;
  if (TRY(sys::Read(ours.get(), {&ready, 1})) == 0) {
    const std::string words = ReadFile(log).ValueOr("");
    return MakeError("the shim ended before it was ready: {}",
                     words.empty() ? "it said nothing" : Trim(words));
  }
  const uint64_t started = TRY(ProcessStartTime(shim.pid()));
  TRY(adopt({.pid = shim.pid(), .start_time = static_cast<int64_t>(started)}));
  TRY(FaultPoint("launch", "shim adopted"));
  return sys::WriteAll(ours.get(), "g");
}

}  // namespace

Result<void> StartShim(const ShimStart& start,
                       const std::function<Result<void>(ProcessIdentity)>& adopt) {
  auto [ours, theirs] = TRY(sys::SocketPair(SOCK_STREAM));
  const UniqueFd log = TRY(sys::Open(start.log, O_WRONLY | O_CREAT | O_APPEND, 0640));
  const std::string program = TRY(OwnProgram("berth-shim"));
  // Without it (an old kernel, a file system that can't be cloned) the shim sees to it itself.
  const auto read_only = runtime::ReadOnlyProgram(program);
  Command command = {.argv = {program, start.plan},
                     .program_fd = read_only ? read_only->get() : -1,
                     .env = EnvironmentWith(fmt::format("BERTH_START_FD={}", theirs.get())),
                     .err = log.get(),
                     .keep = start.keep,
                     .new_session = true,
                     .cgroup_fd = start.cgroup_fd};
  command.keep.push_back(theirs.get());
  Pidfd shim = TRY(Spawn(command));
  theirs.Reset();
  auto handed = HandOver(shim, std::move(ours), start.log, adopt);
  // It has started nothing yet. Whoever goes on after this must not collect dead children.
  if (!handed && shim.Signal(SIGKILL)) (void)shim.Reap();
  return handed;
}

}  // namespace berth::agent
