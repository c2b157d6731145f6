#include "agent/task/interfaces.h"

#include <algorithm>

#include "agent/network/bandwidth_labels.h"
#include "base/text.h"
#include "net/attachment.h"

namespace berth::agent {
namespace {

// As EC2 names its hosts.
std::string AddressHostname(net::Ipv4 address) {
  std::string name = "ip-" + address.Format();
  std::replace(name.begin(), name.end(), '.', '-');
  return name;
}

Result<Interface> GivenToTask(const InterfacePlan& plan) {
  const GivenInterface& given = *plan.given;
  Interface interface = {.attachment_id = plan.task_id};
  interface.subnet = given.subnet;
  interface.groups = given.groups;
  interface.given_address = given.address;
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
    interface.groups.push_back(TRY(config.FindGroup(group)));
  }
  return interface;
}

Result<Interface> TaskInterface(const InterfacePlan& plan) {
  Interface interface = TRY(plan.given ? GivenToTask(plan) : FromConfiguration(plan));
  for (size_t i = 0; i < plan.definition.containerDefinitions.size(); ++i) {
    interface.containers.push_back(i);
  }
  interface.bandwidth = TRY(BandwidthOf(plan.definition, interface.containers));
  if (interface.groups.empty())
    interface.groups.push_back(TRY(plan.config.FindGroup("sg-default")));
  return interface;
}

net::Protocol ToNet(ecs::TransportProtocol protocol) {
  return protocol == ecs::TransportProtocol::kTcp ? net::Protocol::kTcp : net::Protocol::kUdp;
}

}  // namespace

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
      const uint16_t port = mapping.containerPort.value_or(0);
      const bool host = definition.networkMode == ecs::NetworkMode::kHost;
      ports.push_back({.container = container.name,
                       .protocol = ToNet(mapping.protocol),
                       .host_port = host ? port : mapping.hostPort.value_or(0),
                       .container_port = port});
    }
  }
  return ports;
}

Result<void> MakeInterface(Interface& interface, const std::vector<PortRecord>& ports,
                           const ecs::TaskDefinition& definition, const Paths& paths) {
  interface.netns = TRY(net::Netns::Create());
  if (!interface.subnet) return {};
  net::Attachment attachment = {
      .id = interface.attachment_id,
      .subnet = interface.subnet->subnet,
      .address = interface.address,
      .mac = interface.mac.value_or(net::MacAddress::Derive(interface.attachment_id)),
      .groups = interface.groups};
  for (const PortRecord& port : ports) {
    for (const size_t container : interface.containers) {
      if (definition.containerDefinitions[container].name != port.container) continue;
      attachment.ports.push_back({.protocol = port.protocol,
                                  .hostPort = port.host_port,
                                  .containerPort = port.container_port});
    }
  }
  if (interface.hostname.empty()) interface.hostname = AddressHostname(interface.address);
  TRY(net::Attach(attachment, interface.netns, paths.NetLock()));
  return net::LimitBandwidth(attachment.id, interface.bandwidth);
}

}  // namespace berth::agent
