// Lines of resctrl's file `schemata`: "L3:0=7f0;1=1f".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace berth::runtime {

/// Fails unless the group whose file is `present` has all that the lines of `wanted` say. The
/// kernel pads the names with spaces and the masks with zeros, and lists all domains.
Result<void> CompareSchemata(std::string_view wanted, std::string_view present);

}  // namespace berth::runtime
