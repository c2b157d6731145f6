// What a process that makes a container on behalf of another answers it, over a SOCK_SEQPACKET
// pair.
#pragma once

#include "base/fd_passing.h"
#include "base/result.h"
#include "runtime/container.h"

namespace berth::runtime {

/// Longer ones are refused by who receives them (ReceiveMessage).
inline constexpr size_t kMostOfAnswer = 64 << 10;

/// The container, with its descriptor, or why there is none: message (cut to fit) and errno.
Result<void> SendAnswer(int socket, const Result<Created>& created);

/// The other way round. Fails as well if the message is anything else: its sender has ended early.
/// `where` says for that message where the sender was: "in the container's cgroup".
Result<Created> ReadAnswer(FdMessage message, std::string_view where);

}  // namespace berth::runtime
