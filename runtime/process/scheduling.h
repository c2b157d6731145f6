// How the kernel treats a process among others: when it runs, when its I/O is served, from where
// its memory comes.
#pragma once

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// Fails with the name of what is unknown: a policy like SCHED_FIFO, a flag like
/// SCHED_FLAG_RESET_ON_FORK (sched_setattr(2)); IOPRIO_CLASS_BE (ioprio_set(2)); MPOL_BIND and
/// MPOL_F_STATIC_NODES (set_mempolicy(2)); LINUX or LINUX32 (personality(2)).
Result<void> CheckScheduler(const Scheduler& scheduler);
Result<void> CheckIoPriority(const IoPriority& priority);
Result<void> CheckMemoryPolicy(const MemoryPolicy& policy);
Result<void> CheckPersonality(const Personality& personality);

/// All that linux.memoryPolicy may say.
std::vector<std::string> MemoryPolicyModes();
std::vector<std::string> MemoryPolicyFlags();

/// Sets them for this process, as they have been checked.
Result<void> SetScheduler(const Scheduler& scheduler);
Result<void> SetIoPriority(const IoPriority& priority);
Result<void> SetMemoryPolicy(const MemoryPolicy& policy);
Result<void> SetPersonality(const Personality& personality);

}  // namespace berth::runtime
