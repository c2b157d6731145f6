// Subnet: the blocks of addresses that attachments get theirs from.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "net/addresses/address.h"
#include "net/addresses/ipv6.h"

namespace berth::net {

/// Whether the two blocks, of one family, have addresses in common.
template <typename Cidr>
bool Overlap(const Cidr& a, const Cidr& b) {
  return a.Contains(b.Network()) || b.Contains(a.Network());
}
/// The same of blocks that may be missing, and have none then.
template <typename Cidr>
bool Overlap(const std::optional<Cidr>& a, const std::optional<Cidr>& b) {
  return a && b && Overlap(*a, *b);
}

/// Whether what leaves the host from a subnet takes the host's address (NAT), or keeps its own
/// because the network outside has a route back.
enum class Masquerade { kOutsideHost, kNever };

/// At least one of the two blocks is there.
struct Subnet {
  std::string subnetId;
  std::optional<Ipv4Cidr> cidrBlock;
  std::optional<Ipv6Cidr> ipv6CidrBlock;
  /// Where attachments send everything. The host's addresses in the blocks, the same on every host
  /// veth; on a LAN its router's, which may lie outside of the blocks.
  Ipv4 gateway;
  Ipv6 ipv6Gateway;
  /// Of the interfaces in it, in bytes; 0: that of the parent, or else of the device with the
  /// host's default route.
  int mtu = 0;
  Masquerade masquerade = Masquerade::kOutsideHost;
  /// The host's interface on the LAN that the blocks are a part of, whose machines reach the
  /// attachments without routes; "": there is none, the blocks are the host's own.
  std::string parent = {};

  bool IsOnLan() const { return !parent.empty(); }

  /// The blocks, as in "10.0.0.0/24 and fd00::/64".
  std::string FormatBlocks() const;
};

/// What a subnet is made of; one of the two may be missing.
struct SubnetBlocks {
  std::optional<Ipv4Cidr> ipv4 = {};
  std::optional<Ipv6Cidr> ipv6 = {};
};

/// A subnet whose gateways are the second addresses of its blocks (as in a VPC): /8 to /28 of IPv4,
/// /32 to /112 of IPv6. Fails for other prefixes, for blocks no host may use (loopback, link-local,
/// multicast), and without any block.
Result<Subnet> MakeSubnet(std::string subnet_id, const SubnetBlocks& blocks);
Result<Subnet> MakeSubnet(std::string subnet_id, Ipv4Cidr block);

/// Gateways as a configuration has them.
struct GatewayTexts {
  std::optional<std::string> ipv4 = {};
  std::optional<std::string> ipv6 = {};
};
/// The subnet with these in place of its gateways, as far as they are there. Each must be a host's
/// address in the subnet's block of its family; on a LAN any that a router there may have. Errors
/// name the field, `gateway` or `ipv6Gateway`.
Result<Subnet> WithGateways(Subnet subnet, const GatewayTexts& gateways);

/// What bridge mode uses where nothing else is configured: 172.31.240.0/20.
Subnet DefaultBridgeSubnet();

/// 169.254.172.0/22, where attachments without an IPv4 address in their subnet get one by which
/// they can reach the agent's endpoint and the resolver, and nothing else. It never leaves the
/// host.
Subnet EndpointSubnet();

}  // namespace berth::net
