#include "net/legs.h"

#include "net/agent_endpoint.h"

namespace berth::net {

std::vector<Leg> LegsOf(const Attachment& attachment) {
  const Subnet& subnet = attachment.subnet;
  std::vector<Leg> legs;
  if (subnet.cidrBlock) {
    legs.push_back({.address = attachment.address, .gateway = subnet.gateway});
  } else {
    legs.push_back({.address = attachment.address,
                    .gateway = kAgentAddress,
                    .reach = Leg::Reach::kGatewayAlone});
  }
  if (attachment.ipv6Address) {
    legs.push_back({.address = *attachment.ipv6Address, .gateway = subnet.ipv6Gateway});
  }
  return legs;
}

}  // namespace berth::net
