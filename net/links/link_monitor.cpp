#include "net/links/link_monitor.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "net/links/host_links.h"
#include "net/netlink.h"

namespace berth::net {
namespace {

bool IsForeignAndUp(std::string_view body) {
  const auto group = FromBytes<uint32_t>(BodyAttributes<ifinfomsg>(body).Find(IFLA_GROUP));
  const bool ours = group >= kLinkGroup && group <= kLimiterGroup;
  return !ours && (FromBytes<ifinfomsg>(body).ifi_flags & IFF_UP) != 0;
}

}  // namespace

Result<LinkMonitor> LinkMonitor::Open() {
  return LinkMonitor(
      TRY(NetlinkListener::Open(NETLINK_ROUTE, RTNLGRP_LINK, "changes of interfaces")));
}

Result<bool> LinkMonitor::Take() {
  bool changed = false;
  const auto handle = [&](const nlmsghdr& header, std::string_view body) {
    if (header.nlmsg_type == RTM_NEWLINK && IsForeignAndUp(body)) changed = true;
  };
  TRY(listener_.Take(handle, [&] { changed = true; }));
  return changed;
}

}  // namespace berth::net
