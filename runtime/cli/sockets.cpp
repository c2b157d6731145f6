#include "runtime/cli/sockets.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "base/fd_passing.h"
#include "base/sys.h"

namespace berth::runtime::cli {

Result<UniqueFd> ConnectTo(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return ErrnoError("socket");
  sockaddr_un address = {.sun_family = AF_UNIX};
  if (path.size() >= sizeof address.sun_path) {
    return MakeError("the path is longer than {} bytes", sizeof address.sun_path - 1);
  }
  path.copy(address.sun_path, path.size());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return ErrnoError("connect");
  }
  return socket;
}

Result<void> SendPidfd(const std::string& path, pid_t pid) {
  const UniqueFd socket = TRY(ConnectTo(path));
  const UniqueFd pidfd = TRY(sys::PidfdOpen(pid));
  const int fd = pidfd.get();
  return SendMessage(socket.get(), "pidfd", {&fd, 1});
}

}  // namespace berth::runtime::cli
