// The kernel's filter on the devices that a cgroup may use.
#pragma once

#include <linux/bpf.h>

#include <span>

#include "base/result.h"
#include "base/unique_fd.h"
#include "cgroups/devices/rules.h"

namespace berth::cgroups {

/// Whether this kernel can filter devices by cgroup (Linux 4.15, CONFIG_CGROUP_BPF). Fails if this
/// process may not ask (CAP_NET_ADMIN).
Result<bool> DeviceFilterSupported();

/// Holds everything in the cgroup (a descriptor of its directory) and below to the rules: from the
/// next open(2) or mknod(2) on; what is open stays open. A filter that was set before, by this
/// process or another, is replaced in one step, so that at any moment the old rules are in force
/// or the new. Filters of others, here and in the cgroups above, stay, and they must allow as well.
/// On failure the old rules are in force. The filter lasts as long as the cgroup.
Result<void> SetDeviceFilter(int cgroup_fd, std::span<const DeviceRule> rules);

/// BPF_PROG_LOAD of a device program. A failure tells what the kernel's verifier said.
Result<UniqueFd> LoadDeviceProgram(std::span<const bpf_insn> code);

}  // namespace berth::cgroups
