// The standard streams of a container's process: descriptors from the caller, or a terminal.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/container.h"
#include "runtime/spec.h"

namespace berth::runtime {

/// Puts the descriptors in place. Those that are -1 lead to /dev/null under `root`, never to the
/// host's, whose mode a container could change through its descriptor. Pipes are given to `user`.
Result<void> ConnectStdio(int root, const Stdio& stdio, const User& user);

/// Makes a terminal in the container's devpts, sends its master side over `console_socket`, and
/// gives back the other side.
Result<UniqueFd> MakeTerminal(int root, int console_socket, const Process& process);
/// Shows the terminal at /dev/console as well.
Result<void> BindConsole(int root, int terminal);
/// Makes it the controlling terminal of this session and its standard streams.
Result<void> ConnectTerminal(int terminal);

}  // namespace berth::runtime
