// System calls as such, for what a filter or a policy does with them.
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tests/helper/commands.h"

namespace berth::helper {
namespace {

struct Call {
  std::string_view name;
  long number;
};
constexpr std::array kCalls = {
    Call{"getppid", SYS_getppid},
    Call{"getpriority", SYS_getpriority},
    Call{"ioprio_get", SYS_ioprio_get},
    Call{"keyctl", SYS_keyctl},
    Call{"lseek", SYS_lseek},
    Call{"personality", SYS_personality},
    Call{"setpriority", SYS_setpriority},
    Call{"sched_getscheduler", SYS_sched_getscheduler},
};

// A filter's SIGSYS can be caught when its action is to trap, and can't when it is to kill.
void OnSigsys(int) {
  constexpr std::string_view kText = "SIGSYS\n";
  const ssize_t ignored = ::write(1, kText.data(), kText.size());
  ::_exit(ignored < 0 ? 1 : 0);
}

// syscall NAME [NUMBER...]: prints what it answers, or the name of its error.
Result<int> Syscall(Arguments arguments) {
  std::array<unsigned long, 6> values = {};
  for (size_t i = 1; i < arguments.size() && i <= values.size(); ++i) {
    values[i - 1] = std::strtoul(arguments[i].c_str(), nullptr, 0);
  }
  ::signal(SIGSYS, OnSigsys);
  for (const Call& call : kCalls) {
    if (call.name != arguments[0]) continue;
    const auto [a, b, c, d, e, f] = values;
    const long answer = ::syscall(call.number, a, b, c, d, e, f);
    const char* const name = answer < 0 ? ::strerrorname_np(errno) : nullptr;
    fmt::print("{}\n", answer >= 0       ? fmt::format("{}", answer)
                       : name == nullptr ? fmt::format("errno {}", errno)
                                         : std::string(name));
    return 0;
  }
  return MakeError("{} is not among the calls that it knows", arguments[0]);
}

// Seconds since each clock's zero, which a time namespace moves.
Result<int> Clocks(Arguments) {
  timespec monotonic, boottime;
  ::clock_gettime(CLOCK_MONOTONIC, &monotonic);
  ::clock_gettime(CLOCK_BOOTTIME, &boottime);
  fmt::print("{{\"monotonic\":{}.{:09},\"boottime\":{}.{:09}}}\n", monotonic.tv_sec,
             monotonic.tv_nsec, boottime.tv_sec, boottime.tv_nsec);
  return 0;
}

constexpr std::array kCommands = {
    Command{"syscall", "NAME [NUMBER...] what it answers, its error's name, or SIGSYS", 1, Syscall},
    Command{"clocks", "                  seconds on the monotonic and the boot time clock", 0,
            Clocks},
};

}  // namespace

std::span<const Command> CallCommands() { return kCommands; }

}  // namespace berth::helper
