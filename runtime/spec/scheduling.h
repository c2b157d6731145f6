// process.scheduler, process.ioPriority, process.execCPUAffinity (config.md), linux.memoryPolicy
// and linux.personality (config-linux.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace berth::runtime {

/// sched_setattr(2).
struct Scheduler {
  std::string policy;  // SCHED_OTHER, ...
  int32_t nice = 0;
  int32_t priority = 0;
  std::vector<std::string> flags;  // SCHED_FLAG_*
  uint64_t runtime = 0;            // nanoseconds, of SCHED_DEADLINE
  uint64_t deadline = 0;
  uint64_t period = 0;
  bool operator==(const Scheduler&) const = default;
};

/// ioprio_set(2).
struct IoPriority {
  std::string ioClass;  // `class`: IOPRIO_CLASS_RT, _BE or _IDLE
  int32_t priority = 0;
  bool operator==(const IoPriority&) const = default;
};

/// Lists of processors as in cpuset(7): where a process that `exec` starts runs before it is in the
/// container's cgroup, and once it is.
struct ExecCpuAffinity {
  std::string initial;
  std::string final;
  bool operator==(const ExecCpuAffinity&) const = default;
};

/// set_mempolicy(2).
struct MemoryPolicy {
  std::string mode;   // MPOL_*
  std::string nodes;  // a list as in cpuset(7)
  std::vector<std::string> flags;
  bool operator==(const MemoryPolicy&) const = default;
};

/// personality(2).
struct Personality {
  std::string domain;  // LINUX or LINUX32
  std::vector<std::string> flags;
  bool operator==(const Personality&) const = default;
};

}  // namespace berth::runtime
