#include "net/netns.h"

#include <linux/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <system_error>
#include <thread>

#include "base/files.h"
#include "base/sys.h"

namespace berth::net {
namespace {

// Follows the thread's namespace, where /proc/self would follow the process's first thread.
constexpr const char* kThreadNetns = "/proc/thread-self/ns/net";

Result<void> OnThread(const std::function<Result<void>()>& work) {
  Result<void> answer;
  try {
    std::thread([&] { answer = work(); }).join();
  } catch (const std::system_error& error) {
    return Error(fmt::format("start a thread: {}", ErrnoMessage(error.code().value())),
                 error.code().value());
  }
  return answer;
}

Result<void> SetLoopbackUp() {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return ErrnoError("socket");
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0) return ErrnoError("set lo up");
  return {};
}

}  // namespace

Result<Netns> Netns::Open(const std::string& path) { return Netns(TRY(sys::Open(path, O_RDONLY))); }

Result<Netns> Netns::Current() { return Open(kThreadNetns); }

Result<Netns> Netns::Create() {
  Netns made;
  TRY(OnThread([&]() -> Result<void> {
        TRY(sys::Unshare(CLONE_NEWNET));
        made = TRY(Current());
        // Only the default: loopback keeps ::1, which programs expect "localhost" to reach.
        const auto written =
            WriteControlFile(AT_FDCWD, "/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
        if (!written && !written.error().Is(ENOENT)) return Error(written.error());
        return SetLoopbackUp();
      }).Context("make a network namespace"));
  return made;
}

Result<void> Netns::RunOnThread(const std::function<void()>& work) const {
  return OnThread([&]() -> Result<void> {
    TRY(sys::Setns(fd(), CLONE_NEWNET).Context("enter a network namespace"));
    work();
    return {};
  });
}

}  // namespace berth::net
