// Pidfd: a process that can't be mistaken for another that got its number later.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth {

/// How a process ended, as wait(2) tells it.
struct ExitStatus {
  int code = 0;    // of exit(2); 128 + signal if a signal ended it, as shells and ECS count
  int signal = 0;  // 0 if it left by itself
  static ExitStatus FromWait(int status);
};

/// A handle on one process (pidfd_open(2)).
class Pidfd {
 public:
  Pidfd() = default;
  /// Of a process that can't have been reaped yet (our child), or that the caller identifies
  /// afterwards by its start time.
  static Result<Pidfd> Open(pid_t pid);

  pid_t pid() const { return pid_; }
  int fd() const { return fd_.get(); }
  explicit operator bool() const { return static_cast<bool>(fd_); }

  /// A process that has ended already is no error.
  Result<void> Signal(int signal) const;
  /// True once it has ended; waits for at most `limit` (no value: without limit).
  Result<bool> WaitForEnd(std::optional<std::chrono::milliseconds> limit) const;
  /// Reaps our child and tells how it ended; blocks until it does.
  Result<ExitStatus> Reap();

 private:
  pid_t pid_ = -1;
  UniqueFd fd_;
};

/// When a process started, in clock ticks since boot (proc(5), stat field 22): with the pid it
/// names a process for as long as the machine runs.
Result<uint64_t> ProcessStartTime(pid_t pid);

/// The signals from 1 to 31 that this process ignores, the lowest bit for 1 (proc(5), field 33).
Result<uint64_t> IgnoredSignals();

}  // namespace berth
