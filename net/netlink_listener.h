// NetlinkListener: hears what the kernel tells all who listen to a subject (netlink(7), groups).
#pragma once

#include <linux/netlink.h>

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace berth::net {

/// For a loop that waits for descriptors: idle until there is something to read.
class NetlinkListener {
 public:
  /// Listens in the thread's network namespace. `subject` is for messages: "changes of nftables".
  /// `receive_buffer`: in bytes; 0: as sockets have it.
  static Result<NetlinkListener> Open(int protocol, int group, std::string subject,
                                      int receive_buffer = 0);

  int fd() const { return fd_.get(); }
  /// Takes all that has come. `lost`: what the kernel could not tell belongs here.
  Result<void> Take(
      const std::function<void(const nlmsghdr& header, std::string_view body)>& handle,
      const std::function<void()>& lost) const;

 private:
  NetlinkListener(UniqueFd fd, std::string subject)
      : fd_(std::move(fd)), subject_(std::move(subject)) {}

  UniqueFd fd_;
  std::string subject_;
};

}  // namespace berth::net
