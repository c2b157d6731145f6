// The one interface that a new network namespace has.
#pragma once

#include "base/result.h"

namespace berth::runtime {

/// Sets "lo" up in the network namespace of the caller, so that it has 127.0.0.1 and ::1. Left as
/// it is for a caller who may not (CAP_NET_ADMIN).
Result<void> SetLoopbackUp();

}  // namespace berth::runtime
