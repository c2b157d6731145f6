// What the launcher and the new process tell each other, over a SOCK_SEQPACKET pair that execve
// closes.
#pragma once

#include "base/result.h"

namespace berth::runtime {

enum class Word : char {
  kMapped = 'm',  // launcher: the ids of your user namespace are mapped
  kMoved = 'n',   // launcher: the interfaces of your network namespace are there
  kReady = 'r',   // process: all is set up but the program
  kStart = 's',   // launcher: execute it
  kHooks = 'h',   // process: the root is mounted, run the hooks that want that
  kHooked = 'H',  // launcher: they have run
  kKeep = 'k',    // launcher: who you are is written down, so outlive me and wait to be started
};

Result<void> Tell(int socket, Word word);
/// Waits for that word. Fails with the peer's failure if it tells of one, and with EPIPE if it is
/// gone.
Result<void> Await(int socket, Word word);

/// Passes a failure on, message and errno.
void TellFailure(int socket, const Error& error);
/// Waits until the process has executed its program (or is gone); fails with the failure it tells.
Result<void> AwaitExecution(int socket);

}  // namespace berth::runtime
