#include "base/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/clone.h"
#include "base/files.h"
#include "base/sys.h"

namespace berth {
namespace {

// What Spawn's child does. Made before the clone: the child is in our memory and changes nothing.
struct Child {
  const char* path;
  std::vector<char*> argv;
  std::vector<char*> env;
  std::array<int, 3> stdio;
  const Command* command;
  int error_fd;

  [[noreturn]] void Run() const;
  [[noreturn]] void Fail() const {
    const int code = errno;
    if (::write(error_fd, &code, sizeof code) < 0) ::_exit(126);
    ::_exit(127);
  }
};

void Child::Run() const {
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (command->new_session && ::setsid() < 0) Fail();
  // The three may overlap with 0..2, so they are first moved out of the way.
  std::array<int, 3> safe;
  for (size_t i = 0; i < safe.size(); ++i) {
    safe[i] = ::fcntl(stdio[i], F_DUPFD_CLOEXEC, 3);
    if (safe[i] < 0) Fail();
  }
  for (int i = 0; i < 3; ++i) {
    if (::dup2(safe[static_cast<size_t>(i)], i) < 0) Fail();
  }
  if (!sys::CloseOnExecFrom(3)) Fail();
  for (const int fd : command->keep) {
    if (::fcntl(fd, F_SETFD, 0) < 0) Fail();
  }
  char* const* const environment = command->env ? env.data() : ::environ;
  if (command->program_fd >= 0) {
    ::execveat(command->program_fd, "", argv.data(), environment, AT_EMPTY_PATH);
  } else {
    ::execve(path, argv.data(), environment);
  }
  Fail();
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Result<Pidfd> Spawn(const Command& command) {
  if (command.argv.empty()) return MakeError("no program to start");
  const UniqueFd null = TRY(sys::Open("/dev/null", O_RDWR));
  auto [error_read, error_write] = TRY(sys::Pipe());
  const auto or_null = [&](int fd) { return fd < 0 ? null.get() : fd; };
  const std::string& path = command.path.empty() ? command.argv[0] : command.path;
  const Child child = {.path = path.c_str(),
                       .argv = Pointers(command.argv),
                       .env = command.env ? Pointers(*command.env) : std::vector<char*>(),
                       .stdio = {or_null(command.in), or_null(command.out), or_null(command.err)},
                       .command = &command,
                       .error_fd = error_write.get()};
  const pid_t pid = TRY(sys::CloneToExecute(
      {.cgroup_fd = command.cgroup_fd},
      [](const void* self) { static_cast<const Child*>(self)->Run(); }, &child));
  error_write.Reset();
  Pidfd process = TRY(Pidfd::Open(pid));
  const std::string report = TRY(ReadAll(error_read.get()));
  if (report.size() == sizeof errno) {
    TRY(process.Reap());
    report.copy(reinterpret_cast<char*>(&errno), sizeof errno);
    return ErrnoError("start {}", path);
  }
  return process;
}

Result<CommandOutput> RunCommand(Command command) {
  auto [out_read, out_write] = TRY(sys::Pipe());
  command.out = out_write.get();
  Pidfd process = TRY(Spawn(command));
  out_write.Reset();
  CommandOutput output;
  output.out = TRY(ReadAll(out_read.get()));
  output.status = TRY(process.Reap());
  return output;
}

}  // namespace berth
