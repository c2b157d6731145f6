// Signals by name.
#pragma once

#include <string_view>

#include "base/result.h"

namespace berth::runtime::cli {

/// "9", "KILL", "SIGKILL", "kill", "RTMIN+3", "SIGRTMAX-1": the number.
Result<int> ParseSignal(std::string_view text);

}  // namespace berth::runtime::cli
