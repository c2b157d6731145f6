#include "runtime/cli/foreground.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include "base/fd_passing.h"
#include "base/sys.h"

namespace berth::runtime::cli {
namespace {

// Of the caller's terminal, as it was before.
termios g_modes;

Result<UniqueFd> TakeSignals() {
  sigset_t all;
  ::sigfillset(&all);
  // These are about this process itself.
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) {
    ::sigdelset(&all, signal);
  }
  if (::sigprocmask(SIG_BLOCK, &all, nullptr) < 0) return ErrnoError("sigprocmask");
  UniqueFd signals(::signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return ErrnoError("signalfd");
  return signals;
}

// Every key to the program, none to this process.
bool MakeRaw() {
  if (::tcgetattr(STDIN_FILENO, &g_modes) < 0) return false;
  termios raw = g_modes;
  ::cfmakeraw(&raw);
  return ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

}  // namespace

Result<Foreground> Foreground::Prepare() {
  Foreground foreground;
  foreground.signals_ = TRY(TakeSignals());
  return foreground;
}

Result<int> Foreground::MakeConsole() {
  std::tie(console_parent_, console_child_) = TRY(sys::SocketPair(SOCK_STREAM));
  return console_child_.get();
}

Foreground::~Foreground() {
  if (raw_) ::tcsetattr(STDIN_FILENO, TCSANOW, &g_modes);
}

Result<void> Foreground::Attach(pid_t pid) {
  process_ = TRY(Pidfd::Open(pid));
  if (!console_parent_) return {};
  FdMessage message = TRY(ReceiveMessage(console_parent_.get(), 4096));
  if (message.fds.empty()) return MakeError("the container did not hand its terminal over");
  terminal_ = std::move(message.fds[0]);
  CopyWindowSize();
  raw_ = MakeRaw();
  return {};
}

void Foreground::CopyWindowSize() {
  winsize size;
  if (terminal_ && ::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
    ::ioctl(terminal_.get(), TIOCSWINSZ, &size);
  }
}

Result<void> Foreground::PassSignals() {
  signalfd_siginfo info;
  while (::read(signals_.get(), &info, sizeof info) == ssize_t{sizeof info}) {
    const int signal = static_cast<int>(info.ssi_signo);
    if (signal == SIGWINCH && terminal_) {
      CopyWindowSize();
    } else if (signal != SIGCHLD && signal != SIGPIPE) {
      TRY(process_.Signal(signal));
    }
  }
  return {};
}

Result<void> Foreground::PassInput() {
  std::array<char, 8192> buffer;
  const auto size = sys::Read(STDIN_FILENO, buffer);
  if (!size || *size == 0) {
    input_open_ = false;
    constexpr char kEndOfInput = 4;  // as typed: ^D
    static_cast<void>(sys::WriteAll(terminal_.get(), {&kEndOfInput, 1}));
    return {};
  }
  return sys::WriteAll(terminal_.get(), {buffer.data(), *size});
}

// False once nothing more can come: the other side of a terminal that nobody holds gives EIO.
Result<bool> Foreground::PassOutput() {
  std::array<char, 8192> buffer;
  const auto size = sys::Read(terminal_.get(), buffer);
  if (!size || *size == 0) return false;
  TRY(sys::WriteAll(STDOUT_FILENO, {buffer.data(), *size}));
  return true;
}

Result<ExitStatus> Foreground::Wait(const Chore& chore) {
  enum { kProcess, kSignals, kOutput, kInput, kChore };
  std::array<pollfd, 5> fds;
  for (;;) {
    fds[kProcess] = {.fd = process_.fd(), .events = POLLIN};
    fds[kSignals] = {.fd = signals_.get(), .events = POLLIN};
    fds[kOutput] = {.fd = terminal_.get(), .events = POLLIN};
    fds[kInput] = {.fd = terminal_ && input_open_ ? STDIN_FILENO : -1, .events = POLLIN};
    fds[kChore] = {.fd = chore.fd, .events = POLLIN};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return ErrnoError("poll");
    if (fds[kSignals].revents != 0) TRY(PassSignals());
    if (fds[kInput].revents != 0) TRY(PassInput());
    if (fds[kOutput].revents != 0 && !TRY(PassOutput())) terminal_.Reset();
    if (fds[kChore].revents != 0) chore.act();
    if (fds[kProcess].revents == 0) continue;
    // What was written before the end is still to be shown.
    for (pollfd rest = {.fd = terminal_.get(), .events = POLLIN};
         terminal_ && ::poll(&rest, 1, 0) > 0 && TRY(PassOutput());) {
    }
    return process_.Reap();
  }
}

}  // namespace berth::runtime::cli
