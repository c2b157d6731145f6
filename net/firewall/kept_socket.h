// KeptSocket: a netfilter socket that is kept open for the next who needs one.
//
// To close one, the kernel waits until it has freed what was deleted from tables lately: grace
// periods, 10 to 30 ms, that nobody has to wait for.
#pragma once

#include <sys/types.h>

#include <memory>
#include <utility>

#include "base/result.h"
#include "net/netlink.h"

namespace berth::net {

class KeptSocket {
 public:
  /// One of the calling thread's network namespace, marked as Berth's (NetlinkSocket::Mark).
  static Result<KeptSocket> Take();
  KeptSocket(KeptSocket&&) = default;
  ~KeptSocket();

  NetlinkSocket& operator*() const { return *socket_; }

 private:
  KeptSocket(std::unique_ptr<NetlinkSocket> socket, ino_t netns)
      : socket_(std::move(socket)), netns_(netns) {}

  std::unique_ptr<NetlinkSocket> socket_;
  ino_t netns_;
};

}  // namespace berth::net
