// A container as `state` and `list` print it.
#pragma once

#include <string>

#include "runtime/cli/command.h"

namespace berth::runtime::cli {

/// One JSON object: runtime.md's fields, and those that callers of runc and crun know: rootfs,
/// created, owner. A container without a process has pid 0. Indented; or on one line.
std::string DescribePretty(const Container& container);
std::string Describe(const Container& container);

/// The name of a user, or the number if it has none here.
std::string UserName(uint32_t uid);

}  // namespace berth::runtime::cli
