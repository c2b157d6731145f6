#include "runtime/network/loopback.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/unique_fd.h"

namespace berth::runtime {

// Of no family in particular (netdevice(7)): this one every kernel has.
Result<void> SetLoopbackUp() {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return ErrnoError("socket");
  ifreq request = {.ifr_ifrn = {.ifrn_name = "lo"}, .ifr_ifru = {.ifru_flags = IFF_UP}};
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0 && errno != EPERM) {
    return ErrnoError("set lo up");
  }
  return {};
}

}  // namespace berth::runtime
