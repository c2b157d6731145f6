// Runs a device program as the kernel would, for tests that need neither root nor a kernel.
#pragma once

#include <linux/bpf.h>

#include <span>
#include <string>

#include "base/result.h"

namespace berth::cgroups {

/// What the program answers for one request (`access_type` as the kernel packs it). Fails where the
/// kernel's verifier would: unknown instructions, registers read before they are written, an end
/// without an answer.
Result<uint32_t> Interpret(std::span<const bpf_insn> code, const bpf_cgroup_dev_ctx& request);

/// Every request is a type, numbers and accesses.
bpf_cgroup_dev_ctx MakeRequest(uint32_t type, uint32_t major, uint32_t minor, uint32_t access);

}  // namespace berth::cgroups
