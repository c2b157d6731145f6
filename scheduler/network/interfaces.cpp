#include "scheduler/network/interfaces.h"

#include <algorithm>

#include "base/text.h"
#include "net/addresses/address_pool.h"
#include "net/addresses/subnet_fields.h"
#include "scheduler/model/ids.h"

namespace berth::scheduler {
namespace {

// What the records say was checked when they were made.
net::Subnet SubnetOf(const SubnetRecord& record) {
  return net::ToSubnet({.subnetId = record.id,
                        .cidrBlock = record.cidr_block,
                        .ipv6CidrBlock = record.ipv6_cidr_block,
                        .lan = !record.parent.empty(),
                        .parent = record.parent,
                        .gateways = {.ipv4 = record.gateway, .ipv6 = record.ipv6_gateway},
                        .mtu = static_cast<int>(record.mtu),
                        .masquerade = record.masquerade,
                        .dnsServers = record.dns_servers})
      .ValueOr(net::Subnet());
}

std::set<net::IpAddress> UsedAddresses(const World& world, const std::string& subnet) {
  std::set<net::IpAddress> used;
  for (const std::string& address : world.AddressesOf(subnet)) {
    if (const auto parsed = net::IpAddress::Parse(address)) used.insert(*parsed);
  }
  return used;
}

/// One of each family that the subnet has a block of, which it then remembers as given; nothing if
/// there is none left of one.
struct Addresses {
  std::string ipv4, ipv6;
};
std::optional<Addresses> PickAddresses(SubnetRecord& record, std::set<net::IpAddress> used) {
  const net::Subnet subnet = SubnetOf(record);
  Addresses picked;
  net::AddressUse use = {.used = std::move(used)};
  if (subnet.cidrBlock) {
    if (record.last_given != 0) {
      use.lastGiven = net::Ipv4(static_cast<uint32_t>(record.last_given));
    }
    const auto address = net::PickAddress(subnet, net::IpFamily::kIpv4, use);
    if (!address) return std::nullopt;
    record.last_given = address->ipv4().number();
    picked.ipv4 = address->Format();
  }
  if (subnet.ipv6CidrBlock) {
    use.lastGiven.reset();
    if (const auto last = net::Ipv6::Parse(record.last_given_ipv6)) use.lastGiven = *last;
    const auto address = net::PickAddress(subnet, net::IpFamily::kIpv6, use);
    if (!address) return std::nullopt;
    picked.ipv6 = record.last_given_ipv6 = address->Format();
  }
  return picked;
}

std::string PrivateDnsName(std::string_view address, std::string_view region) {
  std::string name = fmt::format("ip-{}.{}.compute.internal", address, region);
  std::replace(name.begin(), name.begin() + 3 + static_cast<std::ptrdiff_t>(address.size()), '.',
               '-');
  return name;
}

std::string RandomMac() {
  // Locally administered, unicast (IEEE 802-2014, 8.4).
  const std::string digits = RandomHex(5);
  std::string mac = "0a";
  for (size_t i = 0; i < digits.size(); i += 2) mac += ":" + digits.substr(i, 2);
  return mac;
}

}  // namespace

ecs::ApiResult<void> CheckNetwork(const World& world, const ecs::AwsVpcConfiguration& network) {
  if (network.subnets.empty() || network.subnets.size() > 16) {
    return ecs::InvalidParameter("subnets must name 1 to 16 subnets, not {}",
                                 network.subnets.size());
  }
  if (network.securityGroups.size() > 5) {
    return ecs::InvalidParameter("securityGroups must name at most 5 groups, not {}",
                                 network.securityGroups.size());
  }
  for (const std::string& subnet : network.subnets) {
    if (world.subnets().Find(subnet) == nullptr) {
      return ecs::InvalidParameter("The subnet ID '{}' does not exist", subnet);
    }
  }
  for (const std::string& group : network.securityGroups) {
    if (world.groups().Find(group) == nullptr) {
      return ecs::InvalidParameter("The security group '{}' does not exist", group);
    }
  }
  return {};
}

ecs::ApiResult<InterfaceRecord> AllocateInterface(World& world, const InterfaceOwner& owner,
                                                  const ecs::AwsVpcConfiguration& network) {
  for (const std::string& id : network.subnets) {
    SubnetRecord subnet = *world.subnets().Find(id);
    const auto picked = PickAddresses(subnet, UsedAddresses(world, id));
    if (!picked) continue;
    world.PutSubnet(std::move(subnet));
    InterfaceRecord record = {.id = "eni-" + RandomHex(8).append("0").substr(0, 17),
                              .attachment_id = RandomUuid(),
                              .cluster = owner.cluster,
                              .task_id = owner.task_id,
                              .subnet_id = id,
                              .address = picked->ipv4,
                              .ipv6_address = picked->ipv6,
                              .mac = RandomMac(),
                              .groups = network.securityGroups};
    if (record.groups.empty()) record.groups = {ecs::kDefaultGroupId};
    return world.PutInterface(std::move(record));
  }
  return ecs::InvalidParameter("There are not enough free addresses in {}",
                               Join(network.subnets, ", "));
}

void ReleaseInterface(World& world, const std::string& id) {
  if (!id.empty()) world.EraseInterface(id);
}

ecs::wire::ElasticNetworkInterface ToWire(const World& world, const InterfaceRecord& record) {
  const Arns arns(world.identity());
  ecs::wire::ElasticNetworkInterface wire = {.attachmentArn = arns.Attachment(record.attachment_id),
                                             .ec2Id = record.id,
                                             .macAddress = record.mac};
  wire.index = 0;
  if (!record.address.empty()) {
    wire.ipv4Addresses = {{.primary = true, .privateAddress = record.address}};
    wire.privateDnsName = PrivateDnsName(record.address, world.identity().region);
  }
  if (!record.ipv6_address.empty()) {
    wire.ipv6Addresses = {{.primary = true, .address = record.ipv6_address}};
  }
  wire.interfaceAssociationProtocol = "default";
  const SubnetRecord* subnet = world.subnets().Find(record.subnet_id);
  if (subnet == nullptr) return wire;
  const net::Subnet net_subnet = SubnetOf(*subnet);
  if (net_subnet.cidrBlock) {
    wire.subnetGatewayIpv4Address =
        fmt::format("{}/{}", net_subnet.gateway.Format(), net_subnet.cidrBlock->prefix());
  }
  if (net_subnet.ipv6CidrBlock) {
    wire.subnetGatewayIpv6Address =
        fmt::format("{}/{}", net_subnet.ipv6Gateway.Format(), net_subnet.ipv6CidrBlock->prefix());
  }
  wire.domainNameServers = subnet->dns_servers;
  ecs::wire::BerthInterface own = {.subnetId = subnet->id,
                                   .cidrBlock = subnet->cidr_block,
                                   .ipv6CidrBlock = subnet->ipv6_cidr_block,
                                   .parent = subnet->parent,
                                   .masquerade = subnet->masquerade,
                                   .mtu = subnet->mtu};
  for (const std::string& id : record.groups) {
    if (const SecurityGroupRecord* group = world.groups().Find(id)) {
      own.securityGroups.push_back(group->group);
    }
  }
  wire.berthInterface = std::move(own);
  return wire;
}

ecs::api::Attachment ToAttachment(const World& world, const InterfaceRecord& record) {
  ecs::api::Attachment attachment = {.id = record.attachment_id,
                                     .type = "ElasticNetworkInterface",
                                     .status = std::string(ShownStatus(record.status)),
                                     .details = {{"subnetId", record.subnet_id},
                                                 {"networkInterfaceId", record.id},
                                                 {"macAddress", record.mac}}};
  const auto add = [&](const char* name, std::string value) {
    attachment.details.push_back({name, std::move(value)});
  };
  if (!record.address.empty()) {
    add("privateDnsName", PrivateDnsName(record.address, world.identity().region));
    add("privateIPv4Address", record.address);
  }
  if (!record.ipv6_address.empty()) add("privateIPv6Address", record.ipv6_address);
  return attachment;
}

ecs::api::NetworkInterface ToNetworkInterface(const InterfaceRecord& record) {
  ecs::api::NetworkInterface shown = {.attachmentId = record.attachment_id};
  if (!record.address.empty()) shown.privateIpv4Address = record.address;
  if (!record.ipv6_address.empty()) shown.ipv6Address = record.ipv6_address;
  return shown;
}

std::string_view ShownStatus(InterfaceStatus status) {
  switch (status) {
    case InterfaceStatus::kPrecreated:
      return "PRECREATED";
    case InterfaceStatus::kAttaching:
      return "ATTACHING";
    case InterfaceStatus::kAttached:
      return "ATTACHED";
    case InterfaceStatus::kDetached:
      return "DELETED";
  }
  return "";
}

}  // namespace berth::scheduler
