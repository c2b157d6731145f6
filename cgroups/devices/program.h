// Device rules as a program for the kernel.
#pragma once

#include <linux/bpf.h>

#include <span>
#include <vector>

#include "cgroups/devices/rules.h"

namespace berth::cgroups {

/// An eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE that answers 1 where the rules allow every
/// access that was asked for, else 0. A question about no access at all, which is what access(2)
/// with F_OK or X_OK comes to, is answered 1: it tells no more than stat(2) does.
std::vector<bpf_insn> CompileDeviceFilter(std::span<const DeviceRule> rules);

}  // namespace berth::cgroups
