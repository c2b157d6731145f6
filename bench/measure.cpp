// measure: runs one command to the end of everything that it leaves behind, and says what it cost.
//
//   measure [--leave] [--in FILE] [--out FILE] PROGRAM [ARGUMENT...]
//
// With --leave what the command leaves behind is let be, and counted for nobody. Its standard input
// and output are /dev/null, or these files.
//
// Container engines detach: conmon and berth-shim outlive the command that started them, and
// clean-up may go on after it has returned. All of those are handed to us when their parent ends
// (we are their subreaper), so their processor time is counted to the last one. Small and static on
// purpose: a forked child starts with its parent's resident memory, and that would be the least
// peak measurable.
//
// One line of JSON on standard output, where nothing of the command's own goes:
// seconds to the command's end, seconds to the end of the last descendant, user and system seconds
// of all of them, KiB of the largest one's resident memory, how many were reaped here, exit code.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace {

// What is left behind must end within this, or the measurement is of something else.
constexpr unsigned kPatienceSeconds = 120;

double Now() {
  timespec time;
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

struct Cost {
  double wall = 0;
  double until_last = 0;
  double user = 0;
  double system = 0;
  long peak_kib = 0;
  int reaped = 0;
  int code = -1;
};

struct Command {
  char** argv = nullptr;
  bool leave = false;
  const char* in = "/dev/null";
  const char* out = "/dev/null";
};

[[noreturn]] void Execute(const Command& command) {
  ::dup2(::open(command.in, O_RDONLY), STDIN_FILENO);
  ::dup2(::open(command.out, O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
  ::execvp(command.argv[0], command.argv);
  std::perror(command.argv[0]);
  ::_exit(127);
}

Cost Measure(const Command& command) {
  Cost cost;
  const double start = Now();
  const pid_t child = ::fork();
  if (child == 0) Execute(command);
  for (;;) {
    int status = 0;
    rusage usage = {};
    const pid_t pid = ::wait4(-1, &status, 0, &usage);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) break;  // ECHILD: that was the last
    ++cost.reaped;
    cost.user += Seconds(usage.ru_utime);
    cost.system += Seconds(usage.ru_stime);
    cost.peak_kib = std::max(cost.peak_kib, usage.ru_maxrss);
    cost.until_last = Now() - start;
    if (pid != child) continue;
    cost.wall = cost.until_last;
    cost.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (command.leave) break;
    ::alarm(kPatienceSeconds);
  }
  return cost;
}

}  // namespace

int main(int argc, char** argv) {
  Command command;
  int at = 1;
  for (; at < argc && std::strncmp(argv[at], "--", 2) == 0; ++at) {
    if (std::strcmp(argv[at], "--leave") == 0) command.leave = true;
    if (std::strcmp(argv[at], "--in") == 0) command.in = argv[++at];
    if (std::strcmp(argv[at], "--out") == 0) command.out = argv[++at];
  }
  command.argv = argv + at;
  if (at >= argc) {
    std::fputs("usage: measure [--leave] [--in FILE] [--out FILE] PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
  }
  if (!command.leave && ::prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
    std::perror("become subreaper");
    return 1;
  }
  const Cost cost = Measure(command);
  std::printf(
      "{\"wall\": %.6f, \"until_last\": %.6f, \"user\": %.6f, \"system\": %.6f, "
      "\"peak_kib\": %ld, \"reaped\": %d, \"code\": %d}\n",
      cost.wall, cost.until_last, cost.user, cost.system, cost.peak_kib, cost.reaped, cost.code);
  return 0;
}
