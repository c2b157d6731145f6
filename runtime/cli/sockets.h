// The sockets of callers that want something handed over.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::runtime::cli {

/// A stream socket connected to the one at `path`.
Result<UniqueFd> ConnectTo(const std::string& path);

/// A descriptor of the process to whoever listens at `path`.
Result<void> SendPidfd(const std::string& path, pid_t pid);

}  // namespace berth::runtime::cli
