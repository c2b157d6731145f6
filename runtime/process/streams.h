// The standard streams of a container's process: descriptors from the caller, or a terminal.
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"
#include "runtime/container.h"
#include "runtime/spec/spec.h"

namespace berth::runtime {

/// The parent's part: gives the pipes among the streams to a user of the host, so that the process
/// can open /dev/stdout. Only pipes: a file or terminal may be the operator's own.
Result<void> GivePipesTo(const Stdio& stdio, uint32_t uid);

/// The child's part: puts the descriptors in place. Those that are -1 lead to /dev/null under
/// `root`, and so do those that led to the host's, whose mode a container could change through its
/// descriptor, and which can't be saved with it.
Result<void> ConnectStdio(int root, const Stdio& stdio);

/// Makes a terminal in the container's devpts, sends its master side over `console_socket`, and
/// gives back the other side.
Result<UniqueFd> MakeTerminal(int root, int console_socket, const Process& process);
/// Shows the terminal at /dev/console as well.
Result<void> BindConsole(int root, int terminal);
/// Makes it the controlling terminal of this session and its standard streams.
Result<void> ConnectTerminal(int terminal);

}  // namespace berth::runtime
