// The veth pairs of attachments, their addresses, routes and neighbours, by rtnetlink(7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/addresses/ipv6.h"
#include "net/links/host_links.h"
#include "net/netlink.h"
#include "net/netns.h"

namespace berth::net {

/// An address of the task end, and the address by which it reaches others: to the task that is the
/// host, wherever the gateway is.
struct Leg {
  enum class GatewayPlace { kHostEnd, kElsewhereOnHost, kOnLan };

  IpAddress address;
  IpAddress gateway;
  /// What the task reaches by the gateway.
  std::vector<IpBlock> routes;
  /// Not kHostEnd: the host end does not get the gateway's address; the task gets a route to it.
  /// kOnLan: the address is one of the LAN's as well (lan.h).
  GatewayPlace gatewayPlace = GatewayPlace::kHostEnd;
};

/// A veth pair without an owner: both ends down, IPv6 off.
struct SpareVeth {
  std::string hostName;
  std::string taskName;
  int hostIndex = 0;
  int taskIndex = 0;
  int mtu = 0;
};

/// A veth pair that joins a task's namespace to the host's.
struct Veth {
  std::string id;        // the attachment's: the host end's alias
  std::string hostName;  // of the host end
  std::string taskName;  // of the other end
  MacAddress hostMac;
  MacAddress taskMac;
  std::vector<Leg> legs;
  int mtu = 0;
  uint32_t group = kLinkGroup;          // of the host end (IFLA_GROUP)
  std::optional<SpareVeth> spare = {};  // what it is made of, as its ends are configured
  int parent = 0;  // the index of the host's interface on the LAN, if it has legs there

  bool HasIpv6() const;
};

// Each function acts in the namespace that its socket (NETLINK_ROUTE) belongs to, which is the
// calling thread's as well where it is the host's.

/// Makes both ends in one step, each where it belongs, both down. Not for one that is made of a
/// spare one.
Result<void> CreateVeth(NetlinkSocket& host, const Veth& veth, const Netns& task);
/// Makes one that others can be made of, its host end in a group of its own. `task_links`: made, a
/// socket of the task's namespace.
Result<SpareVeth> CreateSpareVeth(NetlinkSocket& host, const std::string& host_name, int mtu,
                                  const Netns& task, std::optional<NetlinkSocket>& task_links);
/// A socket of the task's namespace, in which its end is ready to be configured.
Result<NetlinkSocket> PrepareTaskEnd(const Veth& veth, const Netns& task);
/// Brings the task end up with its addresses and its ways out.
Result<void> ConfigureTaskEnd(NetlinkSocket& task, const Veth& veth);
/// Brings the host end up with the gateways' addresses and the routes to the task. It takes no ARP:
/// the neighbours are permanent.
Result<void> ConfigureHostEnd(NetlinkSocket& host, const Veth& veth);
/// Waits until packets pass. The kernel makes the task end ready some time after the host end came
/// up, and the addresses of IPv6 some time after they were added; until then it loses what it is
/// given: a connection's first packet, and with it a second.
Result<void> WaitUntilReady(NetlinkSocket& host, NetlinkSocket& task, const Veth& veth);

}  // namespace berth::net
