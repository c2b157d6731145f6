#include "net/links/local_address.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "net/netlink.h"

namespace berth::net {
namespace {

NetlinkMessage ChangeLocalAddress(std::string what, uint16_t type, uint16_t flags, Ipv4 address) {
  const ifaddrmsg header = {.ifa_family = AF_INET,
                            .ifa_prefixlen = 32,
                            // The host's own: never the source of what goes elsewhere.
                            .ifa_scope = RT_SCOPE_HOST,
                            .ifa_index = ::if_nametoindex("lo")};
  const std::string bytes = RawBytes(address.Bytes());
  Attributes attributes;
  attributes.Bytes(IFA_LOCAL, bytes).Bytes(IFA_ADDRESS, bytes);
  return {.what = std::move(what),
          .type = type,
          .flags = flags,
          .body = NetlinkBody(header, attributes)};
}

}  // namespace

Result<void> AddLocalAddress(Ipv4 address) {
  NetlinkSocket routes = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  return routes.Send(ChangeLocalAddress("give lo " + address.Format(), RTM_NEWADDR,
                                        NLM_F_CREATE | NLM_F_REPLACE, address));
}

Result<void> RemoveLocalAddress(Ipv4 address) {
  NetlinkSocket routes = TRY(NetlinkSocket::Open(NETLINK_ROUTE));
  const auto removed = routes.Send(
      ChangeLocalAddress("take " + address.Format() + " from lo", RTM_DELADDR, 0, address));
  if (!removed && !removed.error().Is(EADDRNOTAVAIL)) return removed;
  return {};
}

}  // namespace berth::net
