// Messages with descriptors over AF_UNIX sockets (unix(7), SCM_RIGHTS).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth {

struct FdMessage {
  std::string bytes;
  std::vector<UniqueFd> fds;
  /// The other side has closed: nothing came and nothing will.
  bool closed = false;
};

inline constexpr size_t kMaxFdsPerMessage = 8;

/// Sends one message, with up to kMaxFdsPerMessage borrowed descriptors. A closed peer is EPIPE,
/// never a signal.
Result<void> SendMessage(int socket, std::string_view bytes, std::span<const int> fds = {});
/// Receives one message of at most `limit` bytes; the descriptors are close-on-exec. A longer
/// message is an error (EMSGSIZE) and is gone.
Result<FdMessage> ReceiveMessage(int socket, size_t limit);

}  // namespace berth
