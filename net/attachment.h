// An attachment: one network namespace joined to the host's network by a routed veth pair, with its
// own address, its place in the firewall and its published ports.
//
//     task namespace                   host namespace
//     eth0  A/32, own MAC   <------>   bt<hash of id>  gateway/32
//     default via gateway onlink       A/32 dev bt<hash>
//     gateway neighbour: permanent     A neighbour: permanent
//
// and the same with /128 where the subnet has a block of IPv6; without one, IPv6 is off on both
// ends. There is no Linux bridge, no ARP and no neighbour discovery, so no wait for duplicate
// addresses. A subnet without a block of IPv4 gives an address that reaches the host's services
// alone (169.254.170.2, where the SDKs ask for credentials, and 169.254.170.53, which knows names).
//
// A subnet on a LAN gives addresses of the LAN. The gateway, its router, is nowhere on the host,
// but to the task it has the host end's MAC; and on the LAN the host answers for the task's address
// by proxies of its neighbour tables (links/lan.h). So all that the task sends and gets is routed
// and guarded by the host, here as there.
//
// All functions here act on the network namespace of the calling thread as the host, whichever that
// is.
//
// What is made is found again by the id alone: the veth's name is derived from it and its alias is
// the id; every nftables element carries it as its comment. Routes, addresses and neighbours die
// with the veth, the veth with the namespace. Proxies on a LAN go by the routes: one for each
// address that is routed to a host end, and no other.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/addresses/address.h"
#include "net/addresses/ipv6.h"
#include "net/addresses/subnet.h"
#include "net/firewall/security_group.h"
#include "net/links/bandwidth.h"
#include "net/netns.h"
#include "net/ports/port_pool.h"

namespace berth::net {

/// A port of the host that leads to one of the attachment.
struct PublishedPort {
  Protocol protocol = Protocol::kTcp;
  uint16_t hostPort = 0;
  uint16_t containerPort = 0;
  /// One of the host's; none: all of them, 127.0.0.1 too. On an address of its own a port goes
  /// before the same one on all.
  std::optional<IpAddress> hostAddress = {};
  /// What comes from outside must pass the host's own input rules first (firewall/input_way.h).
  bool obeysInput = false;
};
/// "8080/tcp", "192.0.2.1:8080/tcp"
std::string FormatHostPort(const PublishedPort& port);

class HostTable;     // firewall/host_table.h
struct PooledNetns;  // netns_pool.h

struct Attachment {
  /// 1 to 64 letters, digits and hyphens, unique on the host.
  std::string id;
  Subnet subnet;
  /// In the subnet's cidrBlock; if it has none, in EndpointSubnet().
  Ipv4 address;
  /// In the subnet's ipv6CidrBlock, if it has one.
  std::optional<Ipv6> ipv6Address = {};
  MacAddress mac;
  /// Of the interface in the task's namespace. Above it is eth0.
  std::string interfaceName = "eth0";
  /// What the task reaches by it: everything.
  std::vector<IpBlock> routes = {Ipv4Cidr(), Ipv6Cidr()};
  std::vector<PublishedPort> ports;
  /// Up to 5 as in awsvpcConfiguration. Their chains are rewritten to what they are here. None: the
  /// policy of bridge mode, open to the host, to other attachments without groups and to what comes
  /// through published ports, and free to go anywhere.
  std::vector<SecurityGroup> groups;
  /// What it may send and get in a second.
  Bandwidth bandwidth = {};
  /// How many flows each attachment may have open that it began, and as many that others began to
  /// it. Holds for all of the host, from this attachment on. None: as it is, which is at first an
  /// eighth of nf_conntrack_max.
  std::optional<uint32_t> flowLimit = {};
  /// Asked under the firewall's lock for the same groups as they are by then, for groups that
  /// others may change meanwhile (HostTable::ChangeRules). None: they are as in `groups`.
  std::function<Result<std::vector<SecurityGroup>>()> currentGroups = {};
};

/// Whose memory an attachment is in, as its id tells. Both may be at work on one host.
enum class Owner { kAgent, kCni };
inline constexpr std::string_view kCniIdPrefix = "cni-";
Owner OwnerOf(std::string_view id);

/// The name of the attachment's interface on the host: "bt" (kCni: "bc") and 12 hexadecimal digits.
std::string HostInterfaceName(const std::string& id);

/// Joins `task` to the host's network. The firewall's elements come last, in one transaction: until
/// then nothing passes. On failure it has undone what it did. Turns forwarding on where it is
/// off, and lets interfaces that take router advertisements go on doing so.
/// `lock_path`: a file (made if missing) under whose lock all processes of the host change the
/// firewall; in a directory that exists and only root can enter.
Result<void> Attach(const Attachment& attachment, const Netns& task, const std::string& lock_path);

/// The same with what was made ahead of need: `pooled` becomes the attachment's, whose namespace is
/// then the task's.
Result<void> Attach(const Attachment& attachment, PooledNetns& pooled,
                    const std::string& lock_path);

/// How the firewall's table was brought back.
struct Restoration {
  std::vector<std::string> missing;  // in words: "the whole table", "10.9.0.5 of ingress"
};

/// What happens to the veth pair.
enum class LinkEnd {
  /// Gone on return; the kernel takes 15 to 30 ms for it, most of them waiting.
  kDeleteNow,
  /// Cut off on return (by the firewall; after the last attachment by the reverse path filter,
  /// unless net.ipv4.conf.all.rp_filter is 2), gone some time after the last process, descriptor
  /// and socket have let go of the namespace. A connection that was cut off in the middle is such
  /// a socket, for minutes. The device that limits what it sends stays, for kDeleteNow or a sweep.
  kDiesWithNamespace,
};

/// Undoes what `Attach` did, or as much of it as there is: firewall first, then the interface.
/// Needs neither the namespace nor any memory; repeating it is no error. Removes the firewall's
/// table with the last attachment. Carries on past failures and returns them all.
Result<void> Detach(const std::string& id, LinkEnd link_end, const std::string& lock_path);

/// Brings the firewall's table back if somebody has damaged it: `change` is the generation that a
/// FirewallMonitor heard of, 0 to look whether it is in order. Says how; nothing if it was, or if
/// somebody else has brought it back.
Result<std::optional<Restoration>> RestoreFirewall(const std::string& lock_path, uint32_t change);
/// For where nobody listens: looks only whether the table is there, which is quick.
Result<std::optional<Restoration>> RestoreLostFirewall(const std::string& lock_path);

/// Makes the proxies on LANs what they should be: to come when an interface of the host was down,
/// which costs it its proxies.
Result<void> RestoreProxies(const std::string& lock_path);

/// Makes the kernel forget what it tracks of these addresses: to come after `Detach` and before
/// anybody else may get them. Not part of it since that knows the id alone; repeating it is no
/// error.
Result<void> ForgetFlows(const std::vector<IpAddress>& addresses, const std::string& lock_path);

/// What a sweep found without an owner and removed.
struct Sweep {
  std::vector<std::string> interfaces;  // host names
  std::set<std::string> ids;            // of nftables elements
  bool table = false;                   // the whole table
  bool Empty() const { return interfaces.empty() && ids.empty() && !table; }
};

/// Removes whatever is the owner's and belongs to no attachment in `live_ids`. The caller puts an
/// id there before it attaches it, or it may be swept while it is being made.
Result<Sweep> SweepExcept(const std::set<std::string>& live_ids, const std::string& lock_path,
                          Owner owner = Owner::kAgent);
/// The same for who has the lock already.
Result<Sweep> SweepExcept(const std::set<std::string>& live_ids, HostTable& firewall,
                          Owner owner = Owner::kAgent);

}  // namespace berth::net
