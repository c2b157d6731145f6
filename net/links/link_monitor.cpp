#include "net/links/link_monitor.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <vector>

#include "net/links/host_links.h"
#include "net/netlink.h"

namespace berth::net {
namespace {

constexpr size_t kLongestLinkMessage = 64 << 10;

bool IsForeignAndUp(std::string_view body) {
  const auto group = FromBytes<uint32_t>(BodyAttributes<ifinfomsg>(body).Find(IFLA_GROUP));
  const bool ours = group >= kLinkGroup && group <= kLimiterGroup;
  return !ours && (FromBytes<ifinfomsg>(body).ifi_flags & IFF_UP) != 0;
}

}  // namespace

Result<LinkMonitor> LinkMonitor::Open() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
  if (!fd) return ErrnoError("netlink socket");
  sockaddr_nl own{};
  own.nl_family = AF_NETLINK;
  own.nl_groups = RTMGRP_LINK;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) < 0) {
    return ErrnoError("listen to changes of interfaces");
  }
  return LinkMonitor(std::move(fd));
}

Result<bool> LinkMonitor::Take() {
  bool changed = false;
  std::vector<char> buffer(kLongestLinkMessage);
  for (;;) {
    const ssize_t size = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EAGAIN) return changed;
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == ENOBUFS) {
      changed = true;
      continue;
    }
    if (size < 0) return ErrnoError("listen to changes of interfaces");
    ForEachMessage({buffer.data(), static_cast<size_t>(size)},
                   [&](const nlmsghdr& header, std::string_view body) {
                     if (header.nlmsg_type == RTM_NEWLINK && IsForeignAndUp(body)) changed = true;
                   });
  }
}

}  // namespace berth::net
