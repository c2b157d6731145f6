// tmpcopyup: a new tmpfs that starts with what it will hide.
#pragma once

#include "base/result.h"

namespace berth::runtime {

/// Copies what is in the directory `from` (O_PATH will do) into the directory `to`: files,
/// directories, links and nodes, with owner, mode, times and extended attributes; not what is
/// mounted below it.
Result<void> CopyUp(int from, int to);

}  // namespace berth::runtime
