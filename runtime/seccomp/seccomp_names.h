// The names that a seccomp profile is made of (config-linux.md, "Seccomp"), as libseccomp knows
// them.
#pragma once

#include <linux/seccomp.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

// Newer than the C library's headers (Linux 5.19).
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

namespace berth::runtime {

/// SCMP_ACT_ALLOW and the others that take no errno.
std::optional<uint32_t> SeccompPlainAction(std::string_view name);
/// SCMP_CMP_EQ and so on, as a scmp_compare.
std::optional<int> SeccompOperator(std::string_view name);
/// SECCOMP_FILTER_FLAG_LOG and so on.
std::optional<unsigned> SeccompFlag(std::string_view name);
/// The token of SCMP_ARCH_X86_64 and so on.
Result<uint32_t> SeccompArchitecture(const std::string& name);

/// What a profile can be made of: names that this build knows, sorted.
struct SeccompNames {
  std::vector<std::string> actions;
  std::vector<std::string> operators;
  std::vector<std::string> architectures;
  std::vector<std::string> flags;
  std::vector<std::string> supported_flags;  // those that this host's kernel takes
};
SeccompNames KnownSeccompNames();

}  // namespace berth::runtime
