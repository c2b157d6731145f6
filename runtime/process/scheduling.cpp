#include "runtime/process/scheduling.h"

#include <linux/mempolicy.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include "base/text.h"

namespace berth::runtime {
namespace {

struct Constant {
  std::string_view name;
  uint64_t value;
};

// sched(7) and linux/sched.h, which glibc's header keeps from being included.
constexpr std::array<Constant, 7> kPolicies = {{{"SCHED_OTHER", 0},
                                                {"SCHED_FIFO", 1},
                                                {"SCHED_RR", 2},
                                                {"SCHED_BATCH", 3},
                                                {"SCHED_ISO", 4},
                                                {"SCHED_IDLE", 5},
                                                {"SCHED_DEADLINE", 6}}};
constexpr std::array<Constant, 7> kSchedulerFlags = {{{"SCHED_FLAG_RESET_ON_FORK", 0x01},
                                                      {"SCHED_FLAG_RECLAIM", 0x02},
                                                      {"SCHED_FLAG_DL_OVERRUN", 0x04},
                                                      {"SCHED_FLAG_KEEP_POLICY", 0x08},
                                                      {"SCHED_FLAG_KEEP_PARAMS", 0x10},
                                                      {"SCHED_FLAG_UTIL_CLAMP_MIN", 0x20},
                                                      {"SCHED_FLAG_UTIL_CLAMP_MAX", 0x40}}};
// ioprio_set(2). The kernel's header can't be included by C++ (6.1.192): it has a parameter
// `class`.
constexpr int kIoOfProcess = 1;       // IOPRIO_WHO_PROCESS
constexpr unsigned kIoClassBit = 13;  // IOPRIO_CLASS_SHIFT
constexpr std::array<Constant, 3> kIoClasses = {
    {{"IOPRIO_CLASS_RT", 1}, {"IOPRIO_CLASS_BE", 2}, {"IOPRIO_CLASS_IDLE", 3}}};
constexpr std::array<Constant, 7> kMemoryModes = {{{"MPOL_DEFAULT", MPOL_DEFAULT},
                                                   {"MPOL_PREFERRED", MPOL_PREFERRED},
                                                   {"MPOL_BIND", MPOL_BIND},
                                                   {"MPOL_INTERLEAVE", MPOL_INTERLEAVE},
                                                   {"MPOL_LOCAL", MPOL_LOCAL},
                                                   {"MPOL_PREFERRED_MANY", 5},
                                                   {"MPOL_WEIGHTED_INTERLEAVE", 6}}};
constexpr std::array<Constant, 3> kMemoryFlags = {{{"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES},
                                                   {"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
                                                   {"MPOL_F_NUMA_BALANCING", 1 << 13}}};
constexpr std::array<Constant, 2> kDomains = {{{"LINUX", PER_LINUX}, {"LINUX32", PER_LINUX32}}};

template <size_t N>
Result<uint64_t> ValueOf(const std::array<Constant, N>& constants, std::string_view name) {
  for (const Constant& constant : constants) {
    if (constant.name == name) return constant.value;
  }
  return MakeError("unknown value \"{}\"", name);
}

template <size_t N>
Result<uint64_t> FlagsOf(const std::array<Constant, N>& constants,
                         const std::vector<std::string>& names) {
  uint64_t flags = 0;
  for (const std::string& name : names) flags |= TRY(ValueOf(constants, name));
  return flags;
}

// linux/sched/types.h
struct SchedAttr {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
  uint32_t util_min;
  uint32_t util_max;
};

constexpr size_t kNodes = 1024;  // the most that a kernel can have
using NodeMask = std::array<unsigned long, kNodes / (8 * sizeof(unsigned long))>;

// "0-3,7", as in cpuset(7).
Result<NodeMask> ParseNodes(const std::string& list) {
  NodeMask mask = {};
  for (const std::string& part : Split(list, ',')) {
    const auto ends = Split(Trim(part), '-');
    const auto first = ParseInteger<uint32_t>(ends[0]);
    const auto last = ParseInteger<uint32_t>(ends.back());
    if (!first || !last || ends.size() > 2 || *first > *last || *last >= kNodes) {
      return MakeError("\"{}\" is not a list of memory nodes such as 0-3,7", list);
    }
    constexpr size_t kBits = 8 * sizeof(unsigned long);
    for (uint32_t node = *first; node <= *last; ++node) mask[node / kBits] |= 1UL << node % kBits;
  }
  return mask;
}

}  // namespace

Result<void> CheckScheduler(const Scheduler& scheduler) {
  TRY(ValueOf(kPolicies, scheduler.policy).Context("policy"));
  TRY(FlagsOf(kSchedulerFlags, scheduler.flags).Context("flags"));
  return {};
}

Result<void> CheckIoPriority(const IoPriority& priority) {
  TRY(ValueOf(kIoClasses, priority.ioClass).Context("class"));
  if (priority.priority < 0 || priority.priority > 7)
    return MakeError("priority must be from 0 to 7");
  return {};
}

Result<void> CheckMemoryPolicy(const MemoryPolicy& policy) {
  TRY(ValueOf(kMemoryModes, policy.mode).Context("mode"));
  TRY(FlagsOf(kMemoryFlags, policy.flags).Context("flags"));
  if (!policy.nodes.empty()) TRY(ParseNodes(policy.nodes).Context("nodes"));
  return {};
}

Result<void> CheckPersonality(const Personality& personality) {
  TRY(ValueOf(kDomains, personality.domain).Context("domain"));
  if (!personality.flags.empty()) return MakeError("flags: the specification knows none");
  return {};
}

Result<void> SetScheduler(const Scheduler& scheduler) {
  SchedAttr attr = {.size = sizeof attr,
                    .policy = static_cast<uint32_t>(TRY(ValueOf(kPolicies, scheduler.policy))),
                    .flags = TRY(FlagsOf(kSchedulerFlags, scheduler.flags)),
                    .nice = scheduler.nice,
                    .priority = static_cast<uint32_t>(scheduler.priority),
                    .runtime = scheduler.runtime,
                    .deadline = scheduler.deadline,
                    .period = scheduler.period};
  if (::syscall(SYS_sched_setattr, 0, &attr, 0) < 0) {
    return ErrnoError("process.scheduler: {}", scheduler.policy);
  }
  return {};
}

Result<void> SetIoPriority(const IoPriority& priority) {
  const uint64_t io_class = TRY(ValueOf(kIoClasses, priority.ioClass));
  const uint64_t value = io_class << kIoClassBit | static_cast<uint64_t>(priority.priority);
  if (::syscall(SYS_ioprio_set, kIoOfProcess, 0, value) < 0) {
    return ErrnoError("process.ioPriority: {}", priority.ioClass);
  }
  return {};
}

Result<void> SetMemoryPolicy(const MemoryPolicy& policy) {
  const uint64_t mode =
      TRY(ValueOf(kMemoryModes, policy.mode)) | TRY(FlagsOf(kMemoryFlags, policy.flags));
  NodeMask mask = {};
  if (!policy.nodes.empty()) mask = TRY(ParseNodes(policy.nodes));
  // The kernel takes one bit less than it is told.
  const bool any = !policy.nodes.empty();
  if (::syscall(SYS_set_mempolicy, mode, any ? mask.data() : nullptr, any ? kNodes + 1 : 0) < 0) {
    return ErrnoError("linux.memoryPolicy: {} on nodes \"{}\"", policy.mode, policy.nodes);
  }
  return {};
}

Result<void> SetPersonality(const Personality& personality) {
  if (::personality(TRY(ValueOf(kDomains, personality.domain))) < 0) {
    return ErrnoError("linux.personality: {}", personality.domain);
  }
  return {};
}

}  // namespace berth::runtime
