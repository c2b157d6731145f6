// What an agent claims for itself alone.
#pragma once

#include "agent/paths.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::agent {

/// Held for as long as the agent runs; the kernel takes both back when it dies.
struct Claims {
  UniqueFd state;    // the lock of its state directory
  UniqueFd network;  // a socket by a name that its network namespace has once
};

/// Fails, saying what to do, if another agent has the state directory or the network namespace: two
/// would fight over tasks, or over 169.254.170.2 and the host's ports.
Result<Claims> ClaimHost(const Paths& paths);

}  // namespace berth::agent
