#include "runtime/cli/notify.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/pidfd.h"
#include "base/sys.h"
#include "base/text.h"
#include "runtime/namespaces.h"
#include "runtime/process/program.h"

namespace berth::runtime::cli {
namespace {

constexpr const char* kDirectory = "notify";
constexpr const char* kName = "notify.sock";
constexpr const char* kInside = "/run/notify";
constexpr size_t kMostOfMessage = 4096;  // as systemd reads
constexpr int kMostAtOnce = 64;          // so that a program that never stops holds nobody up

std::string ManagersAddress() {
  const char* address = ::getenv("NOTIFY_SOCKET");
  return address == nullptr ? "" : address;
}

void Send(const std::string& manager, const std::string& message) {
  sockaddr_un address = {.sun_family = AF_UNIX};
  if (manager.size() >= sizeof address.sun_path) {
    return log::Warning("NOTIFY_SOCKET is longer than {} bytes", sizeof address.sun_path - 1);
  }
  manager.copy(address.sun_path, manager.size());
  size_t size = offsetof(sockaddr_un, sun_path) + manager.size();
  if (manager[0] == '@') {
    address.sun_path[0] = '\0';
  } else {
    ++size;  // with its NUL
  }
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (socket &&
      ::sendto(socket.get(), message.data(), message.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)) >= 0) {
    return;
  }
  log::Warning("NOTIFY_SOCKET: {}", ErrnoError("send to {}", manager).message());
}

}  // namespace

std::string AllowedNotification(std::string_view message, pid_t main_pid) {
  constexpr std::array<std::string_view, 7> kAllowed = {
      "READY=1", "RELOADING=1", "STOPPING=1", "STATUS=", "ERRNO=", "WATCHDOG=1", "MONOTONIC_USEC="};
  std::string allowed;
  for (const std::string& line : Split(message, '\n')) {
    const bool passes = std::any_of(kAllowed.begin(), kAllowed.end(), [&](std::string_view name) {
      return name.ends_with('=') ? line.starts_with(name) : line == name;
    });
    if (!passes) continue;
    if (line == "READY=1") allowed += fmt::format("MAINPID={}\n", main_pid);
    allowed += line + "\n";
  }
  return allowed;
}

Result<void> OfferNotifySocket(const StateDir& dir, Spec& spec) {
  if (ManagersAddress().empty() || !HasNew(spec.linux_, "mount")) return {};
  const std::string path = dir.path() + "/" + kDirectory;
  TRY(sys::MkdirAt(AT_FDCWD, path, 0755));
  spec.mounts.push_back({.destination = kInside,
                         .type = "bind",
                         .source = path,
                         .options = {"bind", "ro", "nosuid", "nodev", "noexec"}});
  SetVariable(spec.process.env, fmt::format("NOTIFY_SOCKET={}/{}", kInside, kName));
  return {};
}

Result<std::optional<NotifyProxy>> NotifyProxy::Listen(const StateDir& dir) {
  const std::string manager = ManagersAddress();
  if (manager.empty()) return std::optional<NotifyProxy>();
  auto directory = sys::Open(dir.path() + "/" + kDirectory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory && directory.error().Is(ENOENT)) return std::optional<NotifyProxy>();
  if (!directory) return std::move(directory).error();
  UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return ErrnoError("socket");
  // By descriptor: a socket's path may have no more than 107 bytes.
  sockaddr_un address = {.sun_family = AF_UNIX};
  const std::string path = fmt::format("/proc/self/fd/{}/{}", directory->get(), kName);
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    return ErrnoError("bind {}/{}/{}", dir.path(), kDirectory, kName);
  }
  // Any user of the container's may speak. Nobody but us can have put something in its place.
  if (::fchmodat(directory->get(), kName, 0666, 0) < 0) return ErrnoError("chmod {}", kName);
  return std::optional(NotifyProxy(std::move(socket), manager));
}

bool NotifyProxy::PassOn(pid_t main_pid) {
  std::array<char, kMostOfMessage> buffer;
  bool is_ready = false;
  for (int i = 0; i < kMostAtOnce; ++i) {
    // Descriptors that come along are closed by the kernel, which ends the wait of
    // sd_notify_barrier(3).
    const ssize_t size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_TRUNC);
    if (size < 0) break;
    if (static_cast<size_t>(size) > buffer.size()) continue;  // cut off
    const std::string message =
        AllowedNotification({buffer.data(), static_cast<size_t>(size)}, main_pid);
    if (message.empty()) continue;
    Send(manager_, message);
    is_ready |= message.starts_with("MAINPID=") || message.find("\nMAINPID=") != std::string::npos;
  }
  return is_ready;
}

Result<void> NotifyProxy::AwaitReadiness(pid_t pid) {
  const auto process = Pidfd::Open(pid);
  if (!process) return {};  // it has ended and been reaped
  for (;;) {
    std::array<pollfd, 2> fds = {
        {{.fd = socket_.get(), .events = POLLIN}, {.fd = process->fd(), .events = POLLIN}}};
    if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return ErrnoError("poll");
    if (fds[0].revents != 0 && PassOn(pid)) return {};
    if (fds[0].revents == 0 && fds[1].revents != 0) return {};
  }
}

}  // namespace berth::runtime::cli
