#include "net/firewall/kept_socket.h"

#include <linux/netlink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>

namespace berth::net {
namespace {

/// With the process and the namespace that it belongs to.
struct Shelf {
  pid_t process = 0;
  ino_t netns = 0;
  std::unique_ptr<NetlinkSocket> socket;
};
std::mutex shelf_mutex;
Shelf shelf;

/// The number of the thread's network namespace, unique for as long as a socket keeps it alive.
Result<ino_t> NetnsNumber() {
  struct stat status {};
  if (::stat("/proc/thread-self/ns/net", &status) < 0) return ErrnoError("stat the namespace");
  return status.st_ino;
}

}  // namespace

Result<KeptSocket> KeptSocket::Take() {
  const ino_t netns = TRY(NetnsNumber());
  {
    const std::lock_guard guard(shelf_mutex);
    // After a fork the parent still reads from the socket that it had.
    if (shelf.socket && shelf.process == ::getpid() && shelf.netns == netns) {
      return KeptSocket(std::move(shelf.socket), netns);
    }
  }
  auto socket = std::make_unique<NetlinkSocket>(TRY(NetlinkSocket::Open(NETLINK_NETFILTER)));
  TRY(socket->Mark());
  return KeptSocket(std::move(socket), netns);
}

KeptSocket::~KeptSocket() {
  if (!socket_) return;
  Shelf last{.process = ::getpid(), .netns = netns_, .socket = std::move(socket_)};
  const std::lock_guard guard(shelf_mutex);
  std::swap(shelf, last);
}

}  // namespace berth::net
