// The resources that a cgroup may use.
#pragma once

#include <string>
#include <vector>

#include "cgroups/cpu.h"
#include "cgroups/cpuset.h"
#include "cgroups/hierarchy.h"
#include "cgroups/hugetlb.h"
#include "cgroups/io.h"
#include "cgroups/memory.h"
#include "cgroups/misc.h"
#include "cgroups/pids.h"
#include "cgroups/rdma.h"
#include "cgroups/unified.h"

namespace berth::cgroups {

/// One part a controller; what is absent or empty stays at the kernel's default.
struct Limits {
  CpuLimits cpu;
  MemoryLimits memory;
  IoLimits io;
  PidsLimits pids;
  CpusetLimits cpuset;
  std::vector<HugetlbLimit> hugetlb;
  std::vector<RdmaLimit> rdma;
  std::vector<MiscLimit> misc;
  Unified unified;  // after all others, so that it has the last word
};

/// What all of them mean to the kernel, in the order in which the values are to be written.
std::vector<Setting> AllSettings(const Limits& limits);

/// The wished limits that no cgroup of this host can enforce, by the kernel's file names
/// ("memory.max"); for a warning or a refusal before anything is made.
std::vector<std::string> Unenforceable(const Hierarchy& hierarchy, const Limits& limits);

}  // namespace berth::cgroups
