#include "net/check_attachment.h"

#include "net/firewall/flow_limits.h"
#include "net/name.h"

namespace berth::net {
namespace {

Result<void> CheckBandwidth(const Bandwidth& bandwidth) {
  for (const auto& limit : {bandwidth.egress, bandwidth.ingress}) {
    if (limit) TRY(CheckRateLimit(*limit));
  }
  return {};
}

Result<void> CheckFlowLimit(const std::optional<uint32_t>& limit) {
  if (!limit || (*limit >= kLeastFlowLimit && *limit <= kMostFlowLimit)) return {};
  return MakeError("a limit of {} flows: must be {} to {}", *limit, kLeastFlowLimit,
                   kMostFlowLimit);
}

/// A port on an address of a family that the task has none of would lead nowhere.
Result<void> CheckPorts(const Attachment& attachment) {
  for (const PublishedPort& port : attachment.ports) {
    if (!port.hostAddress) continue;
    const bool reached = port.hostAddress->IsIpv4() ? attachment.subnet.cidrBlock.has_value()
                                                    : attachment.ipv6Address.has_value();
    if (reached) continue;
    return MakeError("host port {}: the task has no address of that family", FormatHostPort(port));
  }
  return {};
}

}  // namespace

Result<void> CheckGroups(const std::vector<SecurityGroup>& groups) {
  if (groups.size() > kMostGroups) {
    return MakeError("{} security groups; {} are allowed", groups.size(), kMostGroups);
  }
  for (const SecurityGroup& group : groups) TRY(CheckGroup(group));
  return {};
}

Result<void> CheckAttachment(const Attachment& attachment) {
  if (!IsName(attachment.id)) {
    return MakeError("the id of the attachment, \"{}\": {}", attachment.id, kNameRule);
  }
  const Subnet& subnet = attachment.subnet;
  const auto refuse = [&](const IpAddress& address) {
    return MakeError("{} is no address for a task in subnet {} ({})", address.Format(),
                     subnet.subnetId, subnet.FormatBlocks());
  };
  const Ipv4Cidr block = subnet.cidrBlock.value_or(*EndpointSubnet().cidrBlock);
  if (!block.Contains(attachment.address) || attachment.address == subnet.gateway) {
    return refuse(attachment.address);
  }
  if (const auto& address = attachment.ipv6Address) {
    if (!subnet.ipv6CidrBlock || !subnet.ipv6CidrBlock->Contains(*address) ||
        *address == subnet.ipv6Gateway) {
      return refuse(*address);
    }
  }
  TRY(CheckBandwidth(attachment.bandwidth));
  TRY(CheckFlowLimit(attachment.flowLimit));
  TRY(CheckPorts(attachment));
  return CheckGroups(attachment.groups);
}

}  // namespace berth::net
