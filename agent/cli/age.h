// How long ago something was, as people say it.
#pragma once

#include <string>

#include "base/time.h"

namespace berth::agent::cli {

/// In the largest unit that fits, cut off: "5s", "3m", "2h", "4d". Never less than "0s".
std::string Age(WallTime then, WallTime now);

}  // namespace berth::agent::cli
