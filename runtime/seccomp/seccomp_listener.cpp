#include "runtime/seccomp/seccomp_listener.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <algorithm>
#include <atomic>

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

namespace {

constexpr int kNotYet = -1;
constexpr int kNever = -2;

// What the two threads tell each other without asking the kernel for anything.
struct Handover {
  int connection = -1;
  std::string message;
  std::atomic<int> listener = kNotYet;
  std::atomic<bool> done = false;
  Result<void> sent;
};

void* HandOver(void* argument) {
  Handover& handover = *static_cast<Handover*>(argument);
  const UniqueFd connection(handover.connection);
  constexpr timespec kMoment = {.tv_nsec = 20'000};
  int fd = kNotYet;
  while ((fd = handover.listener) == kNotYet) ::nanosleep(&kMoment, nullptr);
  if (fd == kNever) return nullptr;
  const UniqueFd listener(fd);
  handover.sent = SendMessage(connection.get(), handover.message, {&fd, 1});
  handover.done = true;
  return nullptr;
}

Result<void> StartThread(Handover& handover) {
  pthread_t thread;
  errno = ::pthread_create(&thread, nullptr, HandOver, &handover);
  if (errno == 0) errno = ::pthread_detach(thread);
  if (errno != 0) return ErrnoError("start a thread");
  return {};
}

}  // namespace

Result<void> InstallWithListener(const SeccompFilter& filter, UniqueFd connection,
                                 const Seccomp& profile, const ContainerState& state, pid_t pid) {
  static Handover handover;  // to outlive this call, as its thread may
  handover.message = ProcessState(profile, state, pid);
  handover.connection = connection.get();
  TRY(StartThread(handover));
  static_cast<void>(connection.Release());  // the thread's now
  auto listener = InstallSeccompListener(filter);
  handover.listener = listener ? listener->Release() : kNever;
  if (!listener) return listener.error();
  while (!handover.done) {
  }
  return std::move(handover.sent).Context("linux.seccomp.listenerPath");
}

}  // namespace berth::runtime
