// Reading the kernel's files of a cgroup.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"

namespace berth::cgroups {

/// All that an open control file says now; nothing once its cgroup has been removed. To poll(2), a
/// file that was read is quiet until its next change.
Result<std::optional<std::string>> ReadAnew(int file);

}  // namespace berth::cgroups
