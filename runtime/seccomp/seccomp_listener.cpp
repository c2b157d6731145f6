#include "runtime/seccomp/seccomp_listener.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

#include "base/fd_passing.h"
#include "base/json.h"

namespace berth::runtime {
namespace {

constexpr const char* kNotify = "SCMP_ACT_NOTIFY";

std::string ProcessState(const Seccomp& profile, const ContainerState& state, pid_t pid) {
  std::string json =
      fmt::format(R"({{"ociVersion":"{}","fds":["seccompFd"],"pid":{})", kOciVersion, pid);
  if (!profile.listenerMetadata.empty()) {
    json += fmt::format(R"(,"metadata":{})", QuoteJson(profile.listenerMetadata));
  }
  return json + fmt::format(R"(,"state":{}}})", StateJson(state));
}

}  // namespace

bool NotifiesOf(const Seccomp& profile) {
  return std::any_of(profile.syscalls.begin(), profile.syscalls.end(),
                     [](const SeccompSyscall& rule) { return rule.action == kNotify; });
}

Result<UniqueFd> ConnectToListener(const Seccomp& profile) {
  const std::string& path = profile.listenerPath;
  sockaddr_un address = {.sun_family = AF_UNIX};
  if (path.size() >= sizeof address.sun_path) {
    return MakeError("linux.seccomp.listenerPath: longer than {} bytes",
                     sizeof address.sun_path - 1);
  }
  path.copy(address.sun_path, path.size());
  UniqueFd connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!connection) return ErrnoError("socket");
  if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) <
      0) {
    return ErrnoError("linux.seccomp.listenerPath: connect to {}", path);
  }
  return connection;
}

Result<void> InstallWithListener(const SeccompFilter& filter, UniqueFd connection,
                                 const Seccomp& profile, const ContainerState& state, pid_t pid) {
  const std::string message = ProcessState(profile, state, pid);
  const UniqueFd listener = TRY(InstallSeccompListener(filter));
  const int fd = listener.get();
  return SendMessage(connection.get(), message, {&fd, 1}).Context("linux.seccomp.listenerPath");
}

}  // namespace berth::runtime
