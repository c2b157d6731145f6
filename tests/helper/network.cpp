// Servers that echo, clients that ask them, and messages to service managers. IPv4 and IPv6
// addresses; no names.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "base/sys.h"
#include "base/text.h"
#include "tests/helper/commands.h"

namespace berth::helper {
namespace {

// Exit codes of `connect`.
constexpr int kRefused = 1;
constexpr int kTimeout = 2;
constexpr int kUnreachable = 3;

struct Address {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<Address> ParseAddress(const std::string& text, int port) {
  Address address;
  sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(static_cast<uint16_t>(port))};
  sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(static_cast<uint16_t>(port))};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    std::memcpy(&address.storage, &v4, address.size = sizeof v4);
  } else if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    std::memcpy(&address.storage, &v6, address.size = sizeof v6);
  } else {
    return MakeError("{} is not an address", text);
  }
  return address;
}

Result<int> SocketType(const std::string& name) {
  if (name == "tcp") return int{SOCK_STREAM};
  if (name == "udp") return int{SOCK_DGRAM};
  return MakeError("{} is neither tcp nor udp", name);
}

Result<UniqueFd> Socket(const Address& address, int type) {
  UniqueFd fd(::socket(address.storage.ss_family, type | SOCK_CLOEXEC, 0));
  if (!fd) return ErrnoError("socket");
  return fd;
}

void EchoStream(int listener) {
  std::array<char, 65536> buffer;
  const UniqueFd peer(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!peer) return;
  for (;;) {
    const auto size = sys::Read(peer.get(), buffer);
    if (!size || *size == 0 || !sys::WriteAll(peer.get(), {buffer.data(), *size})) return;
  }
}

void EchoDatagram(int fd) {
  std::array<char, 65536> buffer;
  sockaddr_storage peer;
  socklen_t peer_size = sizeof peer;
  auto* const address = reinterpret_cast<sockaddr*>(&peer);
  const ssize_t size = ::recvfrom(fd, buffer.data(), buffer.size(), 0, address, &peer_size);
  if (size >= 0) ::sendto(fd, buffer.data(), static_cast<size_t>(size), 0, address, peer_size);
}

// listen tcp|udp PORT [ADDRESS]: echoes, one peer at a time, until it is killed.
Result<int> Listen(Arguments arguments) {
  const int type = TRY(SocketType(arguments[0]));
  const int port = TRY(Number(arguments[1], 65535));
  const auto address = TRY(ParseAddress(arguments.size() > 2 ? arguments[2] : "0.0.0.0", port));
  const UniqueFd fd = TRY(Socket(address, type));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), address.get(), address.size) < 0) return ErrnoError("bind");
  if (type == SOCK_STREAM && ::listen(fd.get(), 16) < 0) return ErrnoError("listen");
  fmt::print("listening\n");
  std::fflush(stdout);
  for (;;) type == SOCK_STREAM ? EchoStream(fd.get()) : EchoDatagram(fd.get());
}

// The exit code for a connection that did not come about, or nothing if errno says something else.
std::optional<int> CodeOf(int error) {
  switch (error) {
    case ECONNREFUSED:
      return kRefused;
    case EINPROGRESS:
    case EAGAIN:
    case ETIMEDOUT:
      return kTimeout;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EPERM:
      return kUnreachable;
    default:
      return std::nullopt;
  }
}

// connect tcp|udp ADDRESS PORT [TEXT [SECONDS]]: sends the text, prints the answer.
Result<int> Connect(Arguments arguments) {
  const int type = TRY(SocketType(arguments[0]));
  const auto address = TRY(ParseAddress(arguments[1], TRY(Number(arguments[2], 65535))));
  const std::string text = arguments.size() > 3 ? arguments[3] : "hello";
  const timeval limit = {.tv_sec = arguments.size() > 4 ? TRY(Number(arguments[4], 3600)) : 5};
  const UniqueFd fd = TRY(Socket(address, type));
  // SO_SNDTIMEO bounds connect(2) too (socket(7)).
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const auto failed = [](const char* what) -> Result<int> {
    const auto code = CodeOf(errno);
    Error error = ErrnoError("{}", what);
    if (!code) return error;
    fmt::print(stderr, "{}\n", error.message());
    return *code;
  };
  if (::connect(fd.get(), address.get(), address.size) < 0) return failed("connect");
  if (::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) return failed("send");
  if (type == SOCK_STREAM) ::shutdown(fd.get(), SHUT_WR);
  std::array<char, 65536> buffer;
  const ssize_t size = ::recv(fd.get(), buffer.data(), buffer.size(), 0);
  if (size < 0) return failed("receive");
  fmt::print("{}\n", std::string_view(buffer.data(), static_cast<size_t>(size)));
  return 0;
}

// notify LINE...: one message to the socket at $NOTIFY_SOCKET, a path (sd_notify(3)).
Result<int> Notify(Arguments arguments) {
  const char* path = ::getenv("NOTIFY_SOCKET");
  if (path == nullptr) return MakeError("NOTIFY_SOCKET is not set");
  sockaddr_un to = {.sun_family = AF_UNIX};
  std::string_view(path).copy(to.sun_path, sizeof to.sun_path - 1);
  const UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const std::string text = Join({arguments.begin(), arguments.end()}, "\n");
  if (::sendto(fd.get(), text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to),
               sizeof to) < 0) {
    return ErrnoError("send to {}", path);
  }
  return 0;
}

constexpr std::array kCommands = {
    Command{"listen", "tcp|udp PORT [ADDRESS]  echoes; says \"listening\" first", 2, Listen},
    Command{"connect",
            "tcp|udp ADDRESS PORT [TEXT [SECONDS]]\n"
            "                            exit code 1 refused, 2 no answer, 3 unreachable",
            3, Connect},
    Command{"notify", "LINE...               as sd_notify(3)", 1, Notify},
};

}  // namespace

std::span<const Command> NetworkCommands() { return kCommands; }

}  // namespace berth::helper
