// Subnet: the block of addresses that attachments get theirs from.
#pragma once

#include <string>

#include "base/result.h"
#include "net/addresses/address.h"

namespace berth::net {

/// Whether what leaves the host from a subnet takes the host's address (NAT), or keeps its own
/// because the network outside has a route back.
enum class Masquerade { kOutsideHost, kNever };

struct Subnet {
  std::string subnetId;
  Ipv4Cidr cidrBlock;
  /// The host's address in the subnet, the same on every host veth.
  Ipv4 gateway;
  /// Of the interfaces in it, in bytes; 0: that of the device with the host's default route.
  int mtu = 0;
  Masquerade masquerade = Masquerade::kOutsideHost;
};

/// A subnet of /8 to /28 whose gateway is its second address (as in a VPC).
/// Fails for other prefixes and for blocks no host may use (loopback, link-local, multicast).
Result<Subnet> MakeSubnet(std::string subnet_id, Ipv4Cidr block);

/// What bridge mode uses where nothing else is configured: 172.31.240.0/20.
Subnet DefaultBridgeSubnet();

}  // namespace berth::net
