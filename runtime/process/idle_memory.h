// Waiting for long, with little memory.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::runtime {

/// accept4(2), for who may wait there for days: a created container, which until it is started is a
/// copy of its launcher. Lets go of the pages of the running program that are mapped from files and
/// were never written to, its code and constants; they come back from the page cache as they are
/// needed.
Result<UniqueFd> AcceptIdly(int listener);

}  // namespace berth::runtime
