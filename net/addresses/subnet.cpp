#include "net/addresses/subnet.h"

#include <utility>

#include "base/text.h"

namespace berth::net {
namespace {

struct PrefixRange {
  int least;
  int most;
};

/// Fails if the prefix is outside the range or the block meets an unusable one.
template <typename Cidr>
Result<void> CheckBlock(const std::string& subnet_id, const Cidr& block, PrefixRange prefixes,
                        std::initializer_list<const char*> unusable) {
  if (block.prefix() < prefixes.least || block.prefix() > prefixes.most) {
    return MakeError("subnet {}: {} must have a prefix of {} to {}", subnet_id, block.Format(),
                     prefixes.least, prefixes.most);
  }
  for (const char* reserved : unusable) {
    if (Overlap(block, TRY(Cidr::Parse(reserved)))) {
      return MakeError("subnet {}: {} lies in {}, which no interface can have", subnet_id,
                       block.Format(), reserved);
    }
  }
  return {};
}

}  // namespace

std::string Subnet::FormatBlocks() const {
  std::vector<std::string> blocks;
  if (cidrBlock) blocks.push_back(cidrBlock->Format());
  if (ipv6CidrBlock) blocks.push_back(ipv6CidrBlock->Format());
  return Join(blocks, " and ");
}

Result<Subnet> MakeSubnet(std::string subnet_id, const SubnetBlocks& blocks) {
  if (!blocks.ipv4 && !blocks.ipv6) {
    return MakeError("subnet {} has neither an IPv4 nor an IPv6 block", subnet_id);
  }
  Subnet subnet = {.cidrBlock = blocks.ipv4, .ipv6CidrBlock = blocks.ipv6};
  if (blocks.ipv4) {
    // RFC 6890: this network, loopback, link-local, multicast and reserved.
    TRY(CheckBlock(subnet_id, *blocks.ipv4, {.least = 8, .most = 28},
                   {"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"}));
    subnet.gateway = blocks.ipv4->Network() + 1;
  }
  if (blocks.ipv6) {
    // Unspecified, loopback and mapped addresses, link-local, multicast, instance metadata.
    TRY(CheckBlock(subnet_id, *blocks.ipv6, {.least = 32, .most = 112},
                   {"::/8", "fe80::/10", "ff00::/8", "fd00:ec2::/32"}));
    subnet.ipv6Gateway = blocks.ipv6->Network() + 1;
  }
  subnet.subnetId = std::move(subnet_id);
  return subnet;
}

Result<Subnet> MakeSubnet(std::string subnet_id, Ipv4Cidr block) {
  return MakeSubnet(std::move(subnet_id), {.ipv4 = block});
}

Subnet DefaultBridgeSubnet() {
  // Its parts are constants that MakeSubnet accepts; the tests hold that.
  return *MakeSubnet("bridge", *Ipv4Cidr::Parse("172.31.240.0/20"));
}

Subnet EndpointSubnet() {
  const Ipv4Cidr block = Ipv4Cidr::Around(Ipv4(0xa9feac00), 22);
  return {.subnetId = "endpoint", .cidrBlock = block, .gateway = block.Network() + 1};
}

}  // namespace berth::net
