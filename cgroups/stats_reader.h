// StatsReader: what a cgroup has used until now, of every controller that it has.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroups/cpu.h"
#include "cgroups/cpuset.h"
#include "cgroups/hugetlb.h"
#include "cgroups/io.h"
#include "cgroups/memory.h"
#include "cgroups/misc.h"
#include "cgroups/pids.h"
#include "cgroups/pressure.h"
#include "cgroups/rdma.h"

namespace berth::cgroups {

/// Each absent where the kernel keeps no account of it.
struct PressureStats {
  std::optional<Pressure> cpu;
  std::optional<Pressure> memory;
  std::optional<Pressure> io;
};

struct Stats {
  CpuStats cpu;
  MemoryStats memory;
  std::vector<IoDeviceStats> io;
  PidsStats pids;
  CpusetStats cpuset;
  std::vector<HugetlbStats> hugetlb;
  std::vector<RdmaStats> rdma;
  std::vector<MiscStats> misc;
  PressureStats pressure;
};

/// A set of `Stats`' parts, by the files that they are read from.
enum class StatsParts : uint32_t {
  kNone = 0,
  kCpu = 1 << 0,         // cpu.stat, which is there without the controller as well
  kMemory = 1 << 1,      // memory.current
  kMemoryStat = 1 << 2,  // memory.stat
  kMemoryMore = 1 << 3,  // memory.peak, memory.swap.current
  kIo = 1 << 4,          // io.stat
  kPids = 1 << 5,        // pids.current
  kLimits = 1 << 6,      // memory.max, memory.swap.max, pids.max
  kEvents = 1 << 7,      // memory.events, pids.events
  kCpuset = 1 << 8,      // cpuset.cpus.effective, cpuset.mems.effective
  kHugetlb = 1 << 9,     // four files for each size of pages
  kRdma = 1 << 10,       // rdma.current
  kMisc = 1 << 11,       // misc.current
  kPressure = 1 << 12,   // cpu.pressure, memory.pressure, io.pressure; without controllers as well

  /// What a sample every second is made of: five files.
  kUsage = kCpu | kMemory | kMemoryStat | kIo | kPids,
  kAll = (1 << 13) - 1,
};

constexpr StatsParts operator|(StatsParts one, StatsParts other) {
  return static_cast<StatsParts>(static_cast<uint32_t>(one) | static_cast<uint32_t>(other));
}
constexpr StatsParts operator&(StatsParts one, StatsParts other) {
  return static_cast<StatsParts>(static_cast<uint32_t>(one) & static_cast<uint32_t>(other));
}
constexpr bool Overlap(StatsParts one, StatsParts other) {
  return (one & other) != StatsParts::kNone;
}

/// Keeps the files of some parts open, so that they are cheap enough to be read every second; reads
/// the others on demand.
///
/// It holds a descriptor of the directory and one of each kept file that is there: with `kUsage`
/// six, so 1,000 containers take 6,000 of RLIMIT_NOFILE (a service's LimitNOFILE=; the usual soft
/// limit is 1,024, see sys::AllowManyDescriptors). A kept file costs one pread(2), one that is not
/// kept an openat(2) and a close(2) besides. The files of `kHugetlb` are never kept: four for each
/// size of pages are too many for what few containers use.
///
/// What a file costs differs (stats-bench; Linux 6.1, emulated; a file of one number is 1): io.stat
/// 1, cpu.stat and a pressure file 2.4, memory.stat 12, for which the kernel writes some sixty
/// lines and may have to gather the counters of all processors. That is seven tenths of `kUsage`:
/// whoever samples often may leave it out while memory.current stands still. Without kept
/// descriptors `kUsage` costs four times as much.
class StatsReader {
 public:
  /// Of the cgroup directory `path`. Fails with ENOENT or ENODEV if it is not there (any more), and
  /// with EMFILE beyond RLIMIT_NOFILE.
  static Result<StatsReader> Open(const std::string& path, StatsParts kept = StatsParts::kUsage);
  /// The same of an open directory (Cgroup::fd), which stays the caller's. `path` is for messages.
  static Result<StatsReader> OpenAt(int dir, const std::string& path,
                                    StatsParts kept = StatsParts::kUsage);

  /// Reads the wanted parts into `stats`; the others stay as they were read last, and what the
  /// cgroup has no controller for at its beginning: 0, no limit, empty. Allocates nothing once the
  /// number of devices has been seen, of kept parts. Fails with ENODEV once the cgroup has been
  /// removed.
  Result<void> Read(StatsParts wanted);
  const Stats& stats() const { return stats_; }

  /// Of the kept parts, those of which the cgroup has a file: whose controller is enabled.
  StatsParts Present() const;
  /// The cgroup's directory.
  int fd() const { return dir_.get(); }

 private:
  struct Kept {
    size_t file;  // in the table of control files
    UniqueFd fd;
  };

  StatsReader(UniqueFd dir, std::string path) : dir_(std::move(dir)), path_(std::move(path)) {}
  Result<void> Keep(StatsParts parts);
  Result<UniqueFd> OpenFile(const std::string& name) const;
  Result<std::string_view> ReadInto(std::span<char> buffer, int fd, const char* name);
  Result<void> ReadOnDemand(StatsParts parts, std::span<char> buffer);
  Result<void> ReadHugetlb(std::span<char> buffer);
  Error Removed() const;

  UniqueFd dir_;
  std::string path_;
  StatsParts kept_parts_ = StatsParts::kNone;
  std::vector<Kept> kept_;
  std::string long_text_;  // of a file that is longer than most
  Stats stats_;
};

}  // namespace berth::cgroups
