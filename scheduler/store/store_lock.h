// StoreLock: one scheduler at a time has the store's file.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::scheduler {

/// A lock on a file beside it, `<path>.lock`, until the descriptor is closed or the process dies.
/// It has the number of the process that holds it. (On the file itself, closing any descriptor
/// would take SQLite's own locks away: fcntl(2).) Fails with EBUSY if another has it, in this
/// process too.
Result<UniqueFd> LockStore(const std::string& path);

}  // namespace berth::scheduler
