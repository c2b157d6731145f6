// How a process ends, or doesn't, and what it does meanwhile.
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "base/files.h"
#include "base/sys.h"
#include "tests/helper/commands.h"

namespace berth::helper {
namespace {

[[noreturn]] void SleepForever() {
  for (;;) ::pause();
}

Result<int> Exit(Arguments arguments) { return Number(arguments[0], 255); }

Result<int> Sleep(Arguments arguments) {
  if (arguments.empty()) SleepForever();
  for (int left = TRY(Number(arguments[0], 1 << 20)); left > 0;) {
    left = static_cast<int>(::sleep(static_cast<unsigned>(left)));
  }
  return 0;
}

Result<int> Raise(Arguments arguments) {
  const int number = TRY(Number(arguments[0], NSIG));
  ::signal(number, SIG_DFL);
  if (::kill(::getpid(), number) < 0) return ErrnoError("kill");
  SleepForever();  // as process 1 of a pid namespace: the kernel drops what would end it
}

Result<int> IgnoreTerm(Arguments) {
  ::signal(SIGTERM, SIG_IGN);
  fmt::print("ignoring SIGTERM\n");
  std::fflush(stdout);
  SleepForever();
}

// Leaves on SIGTERM with the given code, as a server does that shuts down in order.
Result<int> ExitOnTerm(Arguments arguments) {
  const int code = TRY(Number(arguments[0], 255));
  sigset_t term;
  ::sigemptyset(&term);
  ::sigaddset(&term, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &term, nullptr);
  fmt::print("waiting for SIGTERM\n");
  std::fflush(stdout);
  int number = 0;
  ::sigwait(&term, &number);
  return code;
}

// LINES lines of SIZE bytes each, the line's number first.
Result<int> Spam(Arguments arguments) {
  const int lines = TRY(Number(arguments[0], 1 << 30));
  const int size = arguments.size() > 1 ? TRY(Number(arguments[1], 1 << 20)) : 80;
  for (int line = 0; line < lines; ++line) {
    fmt::print("{:x<{}}\n", fmt::format("{} ", line), size);
  }
  return 0;
}

// N children that sleep; says how many the kernel allowed, waits for all to be killed.
Result<int> Fork(Arguments arguments) {
  const int wished = TRY(Number(arguments[0], 10'000));
  int made = 0;
  while (made < wished) {
    const pid_t pid = ::fork();
    if (pid == 0) SleepForever();
    if (pid < 0) break;
    ++made;
  }
  fmt::print("{} of {}\n", made, wished);
  std::fflush(stdout);
  while (::wait(nullptr) > 0) {
  }
  return made == wished ? 0 : 1;
}

// Touches that much memory, then leaves: for memory limits.
Result<int> Allocate(Arguments arguments) {
  const auto size = static_cast<size_t>(TRY(Number(arguments[0], 4096))) << 20;
  void* const memory =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return ErrnoError("mmap");
  std::memset(memory, 1, size);
  fmt::print("allocated\n");
  return 0;
}

Result<int> Write(Arguments arguments) {
  const auto fd = sys::Open(arguments[0], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd && sys::WriteAll(fd->get(), arguments[1])) return 0;
  fmt::print(stderr, "{}\n", fd ? "write failed" : fd.error().message());
  return 1;
}

Result<int> Read(Arguments arguments) {
  const auto content = ReadFile(arguments[0]);
  fmt::print(content ? stdout : stderr, "{}\n", content ? *content : content.error().message());
  return content ? 0 : 1;
}

constexpr std::array kCommands = {
    Command{"exit", "CODE", 1, Exit},
    Command{"sleep", "[SECONDS]          without a number, until it is killed", 0, Sleep},
    Command{"raise", "SIGNAL             ends by that signal", 1, Raise},
    Command{"ignore-term", "             sleeps, deaf to SIGTERM", 0, IgnoreTerm},
    Command{"exit-on-term", "CODE        sleeps until SIGTERM", 1, ExitOnTerm},
    Command{"spam", "LINES [SIZE]        numbered lines", 1, Spam},
    Command{"fork", "COUNT               that many sleeping children", 1, Fork},
    Command{"allocate", "MIB             touches that much memory", 1, Allocate},
    Command{"write", "PATH TEXT          exit code 1 if it can't", 2, Write},
    Command{"read", "PATH                exit code 1 if it can't", 1, Read},
};

}  // namespace

std::span<const Command> ProcessCommands() { return kCommands; }

}  // namespace berth::helper
