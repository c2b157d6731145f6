// berth exec: one more process in a running container.
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <array>

#include "agent/cli/commands.h"
#include "agent/shim/control.h"
#include "agent/task/agent_context.h"
#include "agent/task/task_view.h"
#include "base/cleanup.h"
#include "base/fd_passing.h"
#include "base/sys.h"

namespace berth::agent::cli {
namespace {

Result<std::string> ChooseContainer(AgentContext& context, const TaskRecord& task,
                                    const std::string& wanted) {
  const TaskView view = TRY(ViewTask(context, task));
  if (!wanted.empty()) return wanted;
  if (view.containers.size() == 1) return view.containers.front().name;
  std::string names;
  for (const ContainerView& container : view.containers) names += " " + container.name;
  return MakeError("the task has several containers; name one:{}", names);
}

Result<UniqueFd> CatchSignals(std::initializer_list<int> signals) {
  sigset_t caught;
  ::sigemptyset(&caught);
  for (const int signal : signals) ::sigaddset(&caught, signal);
  ::sigprocmask(SIG_BLOCK, &caught, nullptr);
  UniqueFd fd(::signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return ErrnoError("signalfd");
  return fd;
}

// Signals to us are signals to the process, until its exit code comes.
Result<int> RunPlain(int control, shim::Request request, bool interactive) {
  UniqueFd null = TRY(sys::Open("/dev/null", O_RDONLY));
  const UniqueFd signals = TRY(CatchSignals({SIGINT, SIGTERM, SIGHUP, SIGQUIT}));
  TRY(shim::Call(control, request,
                 {interactive ? STDIN_FILENO : null.get(), STDOUT_FILENO, STDERR_FILENO}));
  for (;;) {
    pollfd fds[] = {{.fd = control, .events = POLLIN, .revents = 0},
                    {.fd = signals.get(), .events = POLLIN, .revents = 0}};
    if (::poll(fds, std::size(fds), -1) < 0 && errno != EINTR) return ErrnoError("poll");
    if (fds[0].revents != 0) return static_cast<int>(TRY(shim::ReceiveReply(control)).number);
    signalfd_siginfo info;
    while (::read(signals.get(), &info, sizeof info) == sizeof info) {
      const shim::Request signal = {.kind = shim::Request::Kind::kSignal,
                                    .signal = static_cast<int>(info.ssi_signo)};
      TRY(SendMessage(control, shim::EncodeRequest(signal)));
    }
  }
}

void CopySize(int terminal) {
  winsize size;
  if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) ::ioctl(terminal, TIOCSWINSZ, &size);
}

// Copies what is there; false at the end of the stream.
Result<bool> Copy(int from, int to) {
  std::array<char, 4096> buffer;
  const auto size = sys::Read(from, buffer);
  if (!size || *size == 0) return false;  // EIO: the other side of the terminal is closed
  TRY(sys::WriteAll(to, {buffer.data(), *size}));
  return true;
}

// Our terminal in raw mode, the process's terminal at its other end.
Result<int> RunOnTerminal(int control, const shim::Request& request) {
  auto [ours, theirs] = TRY(sys::SocketPair(SOCK_STREAM));
  const UniqueFd signals = TRY(CatchSignals({SIGWINCH}));
  TRY(shim::Call(control, request, {theirs.get()}));
  theirs.Reset();
  FdMessage message = TRY(ReceiveMessage(ours.get(), 4096));
  if (message.fds.empty()) return MakeError("no terminal came");
  const UniqueFd terminal = std::move(message.fds.front());
  CopySize(terminal.get());

  termios before;
  const bool raw = ::tcgetattr(STDIN_FILENO, &before) == 0;
  const Cleanup restore([&] {
    if (raw) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
  });
  if (raw) {
    termios changed = before;
    ::cfmakeraw(&changed);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &changed);
  }
  bool input_open = true;
  for (bool output_open = true; output_open;) {
    pollfd fds[] = {{.fd = terminal.get(), .events = POLLIN, .revents = 0},
                    {.fd = input_open ? STDIN_FILENO : -1, .events = POLLIN, .revents = 0},
                    {.fd = signals.get(), .events = POLLIN, .revents = 0}};
    if (::poll(fds, std::size(fds), -1) < 0 && errno != EINTR) return ErrnoError("poll");
    if (fds[0].revents != 0) output_open = TRY(Copy(terminal.get(), STDOUT_FILENO));
    if (fds[1].revents != 0) input_open = TRY(Copy(STDIN_FILENO, terminal.get()));
    signalfd_siginfo info;
    while (::read(signals.get(), &info, sizeof info) == sizeof info) CopySize(terminal.get());
  }
  return static_cast<int>(TRY(shim::ReceiveReply(control)).number);
}

}  // namespace

Result<int> Exec(const Paths& paths, const ExecOptions& options) {
  AgentContext context = TRY(AgentContext::Open(paths));
  const TaskRecord task = TRY(context.state.Find(options.task));
  auto control = shim::ConnectControl(paths.ControlSocket(task.id));
  if (!control) return MakeError("task {} is not running", task.name);
  if (options.terminal && ::isatty(STDIN_FILENO) == 0) {
    return MakeError("-t needs a terminal as standard input");
  }
  const std::string container = TRY(ChooseContainer(context, task, options.container));
  const shim::Request request = {.kind = shim::Request::Kind::kExec,
                                 .container = container,
                                 .args = options.command,
                                 .env = options.env,
                                 .cwd = options.workdir,
                                 .user = options.user,
                                 .terminal = options.terminal};
  auto code = options.terminal ? RunOnTerminal(control->get(), request)
                               : RunPlain(control->get(), request, options.interactive);
  // As docker exec: the program could not be found, or not be executed.
  if (!code && code.error().Is(ENOENT)) {
    ::dprintf(STDERR_FILENO, "berth: %s\n", code.error().message().c_str());
    return 127;
  }
  if (!code && code.error().Is(EACCES)) {
    ::dprintf(STDERR_FILENO, "berth: %s\n", code.error().message().c_str());
    return 126;
  }
  return code;
}

}  // namespace berth::agent::cli
