#include "agent/task/interfaces.h"

#include <algorithm>

#include "agent/network/bandwidth_labels.h"
#include "base/text.h"
#include "ecs/container_ports.h"
#include "net/attachment.h"

namespace berth::agent {
namespace {

// As EC2 names its hosts; without an IPv4 address by what tells tasks apart.
std::string AddressHostname(const AddressRecord& addresses) {
  const net::IpAddress address = addresses.Reachable().front();
  std::string name =
      address.IsIpv4() ? "ip-" + address.Format() : "i-" + addresses.attachment_id.substr(0, 17);
  std::replace(name.begin(), name.end(), '.', '-');
  return name;
}

// Its document stays where it is: only a scheduler's comes with the task.
Result<GroupRecord> KnownGroup(const GroupBook& book, const std::string& id) {
  const net::SecurityGroup rules = TRY(book.Rules(id));
  return GroupRecord{.id = rules.id, .origin = GroupOrigin::kConfiguration, .document = {}};
}

Result<std::vector<net::SecurityGroup>> RulesOf(const GroupBook& book,
                                                const std::vector<GroupRecord>& groups) {
  std::vector<net::SecurityGroup> rules;
  for (const GroupRecord& group : groups) rules.push_back(TRY(book.Rules(group.id)));
  return rules;
}

Result<Interface> GivenToTask(const InterfacePlan& plan) {
  const GivenInterface& given = *plan.given;
  Interface interface = {.attachment_id = plan.task_id};
  interface.subnet = given.subnet;
  for (const ecs::SecurityGroup& group : given.groups) {
    interface.groups.push_back({.id = group.GroupId,
                                .origin = GroupOrigin::kScheduler,
                                .document = ecs::DumpSecurityGroup(group)});
  }
  interface.given_address = given.address;
  interface.given_ipv6_address = given.ipv6_address;
  interface.mac = given.mac;
  return interface;
}

Result<Interface> FromConfiguration(const InterfacePlan& plan) {
  const ecs::AwsVpcConfiguration& wanted = plan.network.awsvpcConfiguration;
  const Config& config = plan.config;
  Interface interface = {.attachment_id = plan.task_id};
  interface.subnet = wanted.subnets.empty() ? config.subnets.front()
                                            : TRY(config.FindSubnet(wanted.subnets.front()));
  for (const std::string& group : wanted.securityGroups) {
    interface.groups.push_back(TRY(KnownGroup(plan.book, group)));
  }
  return interface;
}

Result<Interface> TaskInterface(const InterfacePlan& plan) {
  Interface interface = TRY(plan.given ? GivenToTask(plan) : FromConfiguration(plan));
  for (size_t i = 0; i < plan.definition.containerDefinitions.size(); ++i) {
    interface.containers.push_back(i);
  }
  if (interface.groups.empty()) {
    interface.groups.push_back(TRY(KnownGroup(plan.book, ecs::kDefaultGroupId)));
  }
  interface.bandwidth = TRY(BandwidthOf(plan.definition, interface.containers));
  return interface;
}

}  // namespace

net::Protocol ToNet(ecs::TransportProtocol protocol) {
  return protocol == ecs::TransportProtocol::kTcp ? net::Protocol::kTcp : net::Protocol::kUdp;
}

Result<std::vector<Interface>> PlanInterfaces(const InterfacePlan& plan) {
  const ecs::TaskDefinition& definition = plan.definition;
  std::vector<Interface> interfaces;
  const size_t count = definition.containerDefinitions.size();
  if (definition.networkMode == ecs::NetworkMode::kHost) {
    TRY(RefuseBandwidth(definition, "host"));
    return interfaces;
  }
  if (definition.networkMode == ecs::NetworkMode::kNone) TRY(RefuseBandwidth(definition, "none"));
  if (definition.networkMode == ecs::NetworkMode::kAwsvpc) {
    interfaces.push_back(TRY(TaskInterface(plan)));
    return interfaces;
  }
  for (size_t i = 0; i < count; ++i) {
    Interface& interface = interfaces.emplace_back();
    interface.containers = {i};
    interface.attachment_id = fmt::format("{}-{}", plan.task_id, i);
    interface.hostname = RandomHex(6);
    const bool alone = definition.networkMode == ecs::NetworkMode::kNone ||
                       definition.containerDefinitions[i].disableNetworking;
    if (!alone) interface.subnet = SubnetConfig{.subnet = plan.config.bridge};
    interface.bandwidth = TRY(BandwidthOf(definition, interface.containers));
    if (alone && (interface.bandwidth.egress || interface.bandwidth.ingress)) {
      return MakeError(
          "containerDefinitions[{}]: with disableNetworking there is no bandwidth to limit", i);
    }
  }
  return interfaces;
}

std::vector<PortRecord> WantedPorts(const ecs::TaskDefinition& definition) {
  std::vector<PortRecord> ports;
  if (definition.networkMode != ecs::NetworkMode::kBridge &&
      definition.networkMode != ecs::NetworkMode::kHost) {
    return ports;
  }
  for (const ecs::ContainerDefinition& container : definition.containerDefinitions) {
    for (const ecs::PortMapping& mapping : container.portMappings) {
      const auto inside = ecs::PortsOf(mapping);
      if (!inside) continue;
      const bool host = definition.networkMode == ecs::NetworkMode::kHost;
      ports.push_back({.container = container.name,
                       .protocol = ToNet(mapping.protocol),
                       .host_port = host ? inside->first : mapping.hostPort.value_or(0),
                       .container_port = inside->first,
                       .count = inside->count()});
    }
  }
  return ports;
}

Result<void> MakeInterface(Interface& interface, const InterfaceSite& site) {
  if (!interface.subnet) {
    interface.netns = TRY(net::Netns::Create());
    return {};
  }
  std::vector<net::SecurityGroup> groups = TRY(RulesOf(site.book, interface.groups));
  net::Attachment attachment = {
      .id = interface.attachment_id,
      .subnet = interface.subnet->subnet,
      .address = interface.addresses.address,
      .ipv6Address = interface.addresses.ipv6_address,
      .mac = interface.mac.value_or(net::MacAddress::Derive(interface.attachment_id)),
      .groups = std::move(groups),
      .bandwidth = interface.bandwidth,
      .flowLimit = site.config.flowLimit,
      .currentGroups = [&] { return RulesOf(site.book, interface.groups); }};
  for (const PortRecord& port : site.ports) {
    for (const size_t container : interface.containers) {
      if (site.definition.containerDefinitions[container].name != port.container) continue;
      attachment.ports.push_back({.protocol = port.protocol,
                                  .hostPort = port.host_port,
                                  .containerPort = port.container_port,
                                  .obeysInput = site.config.portsObeyInput});
    }
  }
  if (interface.hostname.empty()) interface.hostname = AddressHostname(interface.addresses);
  auto pooled = site.pool == nullptr ? std::nullopt : site.pool->Take();
  if (pooled) {
    TRY(net::Attach(attachment, *pooled, site.paths.NetLock()));
    interface.netns = std::move(pooled->netns);
    return {};
  }
  interface.netns = TRY(net::Netns::Create());
  return net::Attach(attachment, interface.netns, site.paths.NetLock());
}

}  // namespace berth::agent
