#include "net/links/local_address.h"

#include <arpa/inet.h>  // before the kernel's, which give way to it
#include <linux/if_addr.h>

#include "net/links/link_messages.h"

namespace berth::net {
namespace {

Result<NetlinkMessage> ChangeLocalAddress(NetlinkSocket& routes, uint16_t type, Ipv4 address) {
  const int loopback = TRY(LinkIndex(routes, "lo"));
  const ifaddrmsg header = {.ifa_family = AF_INET,
                            .ifa_prefixlen = 32,
                            // The host's own: never the source of what goes elsewhere.
                            .ifa_scope = RT_SCOPE_HOST,
                            .ifa_index = static_cast<uint32_t>(loopback)};
  const std::string bytes = RawBytes(address.Bytes());
  Attributes attributes;
  attributes.Bytes(IFA_LOCAL, bytes).Bytes(IFA_ADDRESS, bytes);
  return NetlinkMessage{.type = type, .body = NetlinkBody(header, attributes)};
}

}  // namespace

Result<void> AddLocalAddress(Ipv4 address) {
  NetlinkSocket routes = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  NetlinkMessage addition = TRY(ChangeLocalAddress(routes, RTM_NEWADDR, address));
  addition.what = "give lo " + address.Format();
  addition.flags = NLM_F_CREATE | NLM_F_REPLACE;
  return routes.Send(addition);
}

Result<void> RemoveLocalAddress(Ipv4 address) {
  NetlinkSocket routes = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  NetlinkMessage removal = TRY(ChangeLocalAddress(routes, RTM_DELADDR, address));
  removal.what = "take " + address.Format() + " from lo";
  const auto removed = routes.Send(removal);
  if (!removed && !removed.error().Is(EADDRNOTAVAIL)) return removed;
  return {};
}

}  // namespace berth::net
