// The veth pairs of attachments, their addresses, routes and neighbours, by rtnetlink(7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/addresses/address.h"
#include "net/netlink.h"
#include "net/netns.h"

namespace berth::net {

/// The group (IFLA_GROUP) of every host end, from the moment it exists: "bt" in ASCII. The firewall
/// tells our interfaces from all others by it.
inline constexpr uint32_t kLinkGroup = 0x6274;

/// A veth pair that joins a task's namespace to the host's.
struct Veth {
  std::string id;        // the attachment's: the host end's alias
  std::string hostName;  // of the host end
  std::string taskName;  // of the other end
  MacAddress hostMac;
  MacAddress taskMac;
  Ipv4 address;                  // of the task end
  Ipv4 gateway;                  // of the host end
  std::vector<Ipv4Cidr> routes;  // of the task, by the gateway
  int mtu = 0;
};

// Each function acts in the namespace that its socket (NETLINK_ROUTE) belongs to.

/// Makes both ends in one step, each where it belongs, both down.
Result<void> CreateVeth(NetlinkSocket& host, const Veth& veth, const Netns& task);
/// Brings the task end up with its address and its ways out.
Result<void> ConfigureTaskEnd(NetlinkSocket& task, const Veth& veth);
/// Brings the host end up with the gateway's address and the route to the task. Its namespace must
/// be the thread's as well.
Result<void> ConfigureHostEnd(NetlinkSocket& host, const Veth& veth);
/// Waits until the task end can send. The kernel makes it ready some time after the host end came
/// up, and until then loses what it is given: a connection's first packet, and with it a second.
Result<void> WaitForCarrier(NetlinkSocket& task, const Veth& veth);

/// A host end that exists.
struct HostLink {
  int index = 0;
  std::string name;
};
Result<std::vector<HostLink>> ListHostLinks(NetlinkSocket& host);
/// The one of that name, if there is one.
Result<std::optional<HostLink>> FindHostLink(NetlinkSocket& host, const std::string& name);

/// Deletes the pairs and waits for it, about as long for many as for one.
Result<void> DeleteLinks(NetlinkSocket& host, const std::vector<HostLink>& links);
/// Takes away the routes over host ends. Without them the reverse path filter refuses all that
/// still comes from the other ends.
Result<void> DeleteRoutes(NetlinkSocket& host, const std::vector<HostLink>& links);

/// The MTU of the device with the default route; 1500 if there is none.
Result<int> DefaultMtu(NetlinkSocket& host);

}  // namespace berth::net
