#include "base/pidfd.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/files.h"
#include "base/sys.h"
#include "base/text.h"

namespace berth {

ExitStatus ExitStatus::FromWait(int status) {
  if (WIFSIGNALED(status)) {
    return {.code = 128 + WTERMSIG(status), .signal = WTERMSIG(status)};
  }
  return {.code = WEXITSTATUS(status), .signal = 0};
}

Result<Pidfd> Pidfd::Open(pid_t pid) {
  Pidfd process;
  process.fd_ = TRY(sys::PidfdOpen(pid));
  process.pid_ = pid;
  return process;
}

Result<void> Pidfd::Signal(int signal) const {
  auto sent = sys::PidfdSendSignal(fd_.get(), signal);
  if (!sent && sent.error().Is(ESRCH)) return {};
  return sent;
}

Result<bool> Pidfd::WaitForEnd(std::optional<std::chrono::milliseconds> limit) const {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit.value_or(std::chrono::milliseconds(0));
  for (;;) {
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd poll_fd = {.fd = fd_.get(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&poll_fd, 1, limit ? static_cast<int>(std::max<long>(rest, 0)) : -1);
    if (ready < 0 && errno != EINTR) return ErrnoError("poll");
    if (ready > 0) return true;
    if (ready == 0) return false;
  }
}

Result<ExitStatus> Pidfd::Reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) {
    if (errno != EINTR) return ErrnoError("waitpid {}", pid_);
  }
  fd_.Reset();
  return ExitStatus::FromWait(status);
}

namespace {

// A number of /proc/PID/stat, as proc(5) counts the fields.
Result<uint64_t> StatField(const std::string& process, size_t number) {
  constexpr size_t kFirstBehindName = 3;
  const std::string path = fmt::format("/proc/{}/stat", process);
  const std::string stat = TRY(ReadFile(path));
  // The name in parentheses may hold anything.
  const size_t name_end = stat.rfind(") ");
  if (name_end == std::string::npos) return MakeError("{} has no name", path);
  const auto fields = Split(std::string_view(stat).substr(name_end + 2), ' ');
  const size_t index = number - kFirstBehindName;
  const auto value = fields.size() > index ? ParseInteger<uint64_t>(fields[index]) : std::nullopt;
  if (!value) return MakeError("{} has no number as field {}", path, number);
  return *value;
}

}  // namespace

Result<uint64_t> ProcessStartTime(pid_t pid) { return StatField(std::to_string(pid), 22); }

Result<uint64_t> IgnoredSignals() { return StatField("self", 33); }

}  // namespace berth
