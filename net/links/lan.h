// The host's place on a LAN for the attachments that have addresses there: proxies in its neighbour
// tables, by which it answers for their addresses (ARP, RFC 1027; neighbour discovery, RFC 4389)
// with its own MAC.
//
//     a machine of the LAN               host                                     task
//     who has 192.168.1.130?  ------>    eth1: proxy for 192.168.1.130
//     192.168.1.130 is at     <------          (the MAC of eth1)
//     a packet for it         ------>    192.168.1.130 dev bt<hash>   ------>     eth0
//
// There is nothing to remember: the metric of the route to an attachment on a LAN tells the
// interface that needs a proxy. Proxies bear our number as routes do; one without a route is left
// over.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "net/addresses/subnet.h"
#include "net/netlink.h"

namespace berth::net {

/// The host's interface on a LAN.
struct LanParent {
  int index = 0;
  int mtu = 0;  // in bytes
};

// `host` (NETLINK_ROUTE) and the calling thread are of the same namespace.

/// Makes the parent of a subnet on a LAN ready to answer for others. Fails if it is no interface on
/// which the subnet's gateways are reached, or the host's own way out leads by another: the host
/// routes what attachments send.
/// The settings that it turns on (forwarding, net.ipv6.conf.PARENT.proxy_ndp, and no delay of
/// answers) stay on, as forwarding does; it tells the log.
Result<LanParent> PrepareParent(NetlinkSocket& host, const Subnet& subnet);

/// Of the route to an attachment that has its address on the LAN at `parent`.
uint32_t LanMetric(int parent);

/// Whether there are proxies of ours.
Result<bool> HasProxies(NetlinkSocket& host);
/// Adds the proxies that are missing, and takes away those whose attachments have gone. The caller
/// has the firewall's lock. A parent that is down or has gone gets none: no error.
Result<void> SetProxies(NetlinkSocket& host);

}  // namespace berth::net
