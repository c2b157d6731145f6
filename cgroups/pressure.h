// How long the processes of a cgroup had to wait for CPU time, memory or I/O (PSI,
// Documentation/accounting/psi.rst).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::cgroups {

enum class PressureResource { kCpu, kMemory, kIo };

/// `kSome`: at least one process waited. `kFull`: all that had something to do did.
enum class PressureKind { kSome, kFull };

/// One line of a pressure file: the share of the time that was waited, in percent, over the last
/// 10, 60 and 300 seconds, and the sum of all waiting so far.
struct PressureShare {
  double avg10 = 0;
  double avg60 = 0;
  double avg300 = 0;
  std::chrono::microseconds total{0};
  bool operator==(const PressureShare&) const = default;
};

struct Pressure {
  PressureShare some;
  std::optional<PressureShare> full;  // of the CPU: since Linux 5.13
  bool operator==(const Pressure&) const = default;
};

/// Of the cgroup directory `path`. Fails with ENOTSUP where the kernel keeps no account (built
/// without CONFIG_PSI, booted with psi=0), ENOENT or ENODEV if the cgroup is gone.
Result<Pressure> ReadPressure(const std::string& path, PressureResource resource);

/// The content of a pressure file.
Result<Pressure> ParsePressure(std::string_view content);

/// More than `stall` of waiting within any `window`.
struct PressureThreshold {
  PressureResource resource = PressureResource::kMemory;
  PressureKind kind = PressureKind::kSome;
  std::chrono::microseconds stall{0};  // at most the window
  // Half a second to ten seconds; without CAP_SYS_RESOURCE a multiple of two seconds.
  std::chrono::microseconds window{0};
};

/// Tells when a cgroup's waiting passes a threshold, at most once in each window.
class PressureTrigger {
 public:
  /// ENOTSUP as with `ReadPressure`; EINVAL for a threshold that the kernel does not take.
  static Result<PressureTrigger> Open(const std::string& path, const PressureThreshold& threshold);

  /// Becomes readable (EPOLLIN) each time the threshold is passed, and stays so once the cgroup is
  /// gone: then it must no longer be watched. That it was readable is the message; there is nothing
  /// to be read from it.
  int fd() const { return epoll_.get(); }
  /// The pressure now; nothing once the cgroup is gone.
  Result<std::optional<Pressure>> Read() const;

 private:
  PressureTrigger(UniqueFd file, UniqueFd epoll)
      : file_(std::move(file)), epoll_(std::move(epoll)) {}

  UniqueFd file_;
  UniqueFd epoll_;
};

}  // namespace berth::cgroups
