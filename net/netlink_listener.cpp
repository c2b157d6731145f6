#include "net/netlink_listener.h"

#include <sys/socket.h>

#include <cerrno>
#include <vector>

#include "net/netlink.h"

namespace berth::net {
namespace {

constexpr size_t kLongestDatagram = 64 << 10;

}  // namespace

Result<NetlinkListener> NetlinkListener::Open(int protocol, int group, std::string subject,
                                              int receive_buffer) {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol));
  if (!fd) return ErrnoError("netlink socket");
  if (receive_buffer > 0) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof receive_buffer);
  }
  // One without an address is sent nothing.
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) < 0) {
    return ErrnoError("bind a netlink socket");
  }
  if (::setsockopt(fd.get(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0) {
    return ErrnoError("listen to {}", subject);
  }
  return NetlinkListener(std::move(fd), std::move(subject));
}

Result<void> NetlinkListener::Take(
    const std::function<void(const nlmsghdr& header, std::string_view body)>& handle,
    const std::function<void()>& lost) const {
  std::vector<char> buffer(kLongestDatagram);
  for (;;) {
    const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return {};
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENOBUFS) {
      lost();
      continue;
    }
    if (size < 0) return ErrnoError("listen to {}", subject_);
    ForEachMessage({buffer.data(), static_cast<size_t>(size)}, handle);
  }
}

}  // namespace berth::net
