// Resource limits of a process (setrlimit(2)).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// RLIMIT_NOFILE and so on as the number that setrlimit(2) takes; nothing if there is none.
std::optional<int> RlimitResource(std::string_view name);

/// Sets this process's limits. A failure names the limit and, where that is the reason, the missing
/// capability.
Result<void> SetRlimits(const std::vector<Rlimit>& limits);

}  // namespace berth::runtime
