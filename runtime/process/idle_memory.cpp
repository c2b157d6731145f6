#include "runtime/process/idle_memory.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/program_pages.h"

namespace berth::runtime {

Result<UniqueFd> AcceptIdly(int listener) {
  long fd;
  do {
    fd = sys::CallWithoutPages(SYS_accept4, listener, 0, 0, SOCK_CLOEXEC);
  } while (fd == -EINTR);
  if (fd >= 0) return UniqueFd(static_cast<int>(fd));
  errno = static_cast<int>(-fd);
  return ErrnoError("accept");
}

}  // namespace berth::runtime
