#include "net/addresses/subnet.h"

#include <utility>

namespace berth::net {
namespace {

bool Overlap(const Ipv4Cidr& a, const Ipv4Cidr& b) {
  return a.Contains(b.Network()) || b.Contains(a.Network());
}

}  // namespace

Result<Subnet> MakeSubnet(std::string subnet_id, Ipv4Cidr block) {
  if (block.prefix() < 8 || block.prefix() > 28) {
    return MakeError("subnet {}: {} must have a prefix of 8 to 28", subnet_id, block.Format());
  }
  // RFC 6890: this network, loopback, link-local, multicast and reserved.
  for (const char* unusable : {"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"}) {
    if (Overlap(block, TRY(Ipv4Cidr::Parse(unusable)))) {
      return MakeError("subnet {}: {} lies in {}, which no interface can have", subnet_id,
                       block.Format(), unusable);
    }
  }
  return Subnet{
      .subnetId = std::move(subnet_id), .cidrBlock = block, .gateway = block.Network() + 1};
}

Subnet DefaultBridgeSubnet() {
  // Its parts are constants that MakeSubnet accepts; the tests hold that.
  return *MakeSubnet("bridge", *Ipv4Cidr::Parse("172.31.240.0/20"));
}

}  // namespace berth::net
