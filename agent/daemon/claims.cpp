#include "agent/daemon/claims.h"

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <string_view>

#include "base/sys.h"

namespace berth::agent {
namespace {

Result<UniqueFd> ClaimState(const Paths& paths) {
  const std::string path = paths.root + "/agent.lock";
  UniqueFd file = TRY(sys::Open(path, O_RDWR | O_CREAT, 0600));
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno != EWOULDBLOCK) return ErrnoError("lock {}", path);
  return MakeError("another berthd has this host ({} is locked)", path);
}

Result<UniqueFd> ClaimNetwork() {
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return ErrnoError("socket");
  // A name without a place in the file system: each network namespace has its own (unix(7)).
  constexpr std::string_view kName = "berth/agent";
  sockaddr_un address{.sun_family = AF_UNIX};
  kName.copy(address.sun_path + 1, kName.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + kName.size());
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0) return socket;
  if (errno != EADDRINUSE) return ErrnoError("claim the network namespace");
  return MakeError(
      "another berthd, with another state directory, has this network namespace: stop it first, or "
      "give this one a network namespace of its own");
}

}  // namespace

Result<Claims> ClaimHost(const Paths& paths) {
  UniqueFd state = TRY(ClaimState(paths));
  UniqueFd network = TRY(ClaimNetwork());
  return Claims{.state = std::move(state), .network = std::move(network)};
}

}  // namespace berth::agent
