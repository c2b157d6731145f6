#include "net/legs.h"

#include "net/agent_endpoint.h"
#include "net/resolver_endpoint.h"

namespace berth::net {
namespace {

std::vector<IpBlock> OfFamily(IpFamily family, std::vector<IpBlock> blocks) {
  std::erase_if(blocks, [&](const IpBlock& block) { return block.family() != family; });
  return blocks;
}

}  // namespace

std::vector<Leg> LegsOf(const Attachment& attachment) {
  const Subnet& subnet = attachment.subnet;
  const auto place = subnet.IsOnLan() ? Leg::GatewayPlace::kOnLan : Leg::GatewayPlace::kHostEnd;
  std::vector<Leg> legs;
  if (subnet.cidrBlock) {
    legs.push_back({.address = attachment.address,
                    .gateway = subnet.gateway,
                    .routes = OfFamily(IpFamily::kIpv4, attachment.routes),
                    .gatewayPlace = place});
  } else {
    legs.push_back({.address = attachment.address,
                    .gateway = kAgentAddress,
                    .routes = {Ipv4Cidr::Around(kResolverAddress, 32)},
                    .gatewayPlace = Leg::GatewayPlace::kElsewhereOnHost});
  }
  if (attachment.ipv6Address) {
    legs.push_back({.address = *attachment.ipv6Address,
                    .gateway = subnet.ipv6Gateway,
                    .routes = OfFamily(IpFamily::kIpv6, attachment.routes),
                    .gatewayPlace = place});
  }
  return legs;
}

}  // namespace berth::net
