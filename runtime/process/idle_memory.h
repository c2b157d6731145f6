// Waiting for long, with little memory.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::runtime {

/// accept4(2), for who may wait there for days: a created container, which until it is started is a
/// copy of its launcher. See sys::CallWithoutPages.
Result<UniqueFd> AcceptIdly(int listener);

}  // namespace berth::runtime
