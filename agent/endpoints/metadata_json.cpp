#include "agent/endpoints/metadata_json.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

namespace berth::agent::endpoints {
namespace {

void AddText(Json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

void AddTime(Json& object, const char* name, const std::optional<WallTime>& time) {
  if (time) object[name] = FormatTime(*time);
}

/// Without a fraction where there is none: 1, not 1.0.
Json Number(double value) {
  return std::floor(value) == value ? Json(static_cast<int64_t>(value)) : Json(value);
}

Json AddressesOf(const EndpointNetwork& network, net::IpFamily family) {
  Json list = Json::array();
  for (const net::IpAddress& address : network.addresses) {
    if (address.family() == family) list.push_back(address.Format());
  }
  return list;
}

void AddInterface(Json& network, const EndpointInterface& interface) {
  network["AttachmentIndex"] = interface.index;
  network["MACAddress"] = interface.mac.Format();
  const net::Subnet& subnet = interface.subnet;
  if (subnet.cidrBlock) network["IPv4SubnetCIDRBlock"] = subnet.cidrBlock->Format();
  if (subnet.ipv6CidrBlock) network["IPv6SubnetCIDRBlock"] = subnet.ipv6CidrBlock->Format();
  AddList(network, "DomainNameServers", interface.dns_servers);
  AddList(network, "DomainNameSearchList", interface.dns_search);
  AddText(network, "PrivateDNSName", interface.private_dns_name);
  if (subnet.cidrBlock) {
    network["SubnetGatewayIpv4Address"] =
        fmt::format("{}/{}", subnet.gateway.Format(), subnet.cidrBlock->prefix());
  }
  if (subnet.ipv6CidrBlock) {
    network["SubnetGatewayIpv6Address"] =
        fmt::format("{}/{}", subnet.ipv6Gateway.Format(), subnet.ipv6CidrBlock->prefix());
  }
}

Json DescribeHealth(const EndpointHealth& health) {
  constexpr size_t kMostOutput = 1024;
  Json described = {{"status", health.status}};
  AddTime(described, "statusSince", health.since);
  if (health.exit_code.value_or(0) != 0) described["exitCode"] = *health.exit_code;
  AddText(described, "output", health.output.substr(0, kMostOutput));
  return described;
}

/// Which containers a task shows: older versions only those that exist, the newest also those whose
/// image is there.
bool IsShown(const EndpointContainer& container, MetadataVersion version) {
  return container.known >=
         (version == MetadataVersion::kV4 ? LifeStatus::kPulled : LifeStatus::kCreated);
}

}  // namespace

std::string_view Name(LifeStatus status) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"NONE", "MANIFEST_PULLED", "PULLED", "CREATED", "RUNNING",
                                       "RESOURCES_PROVISIONED", "STOPPED"});
  return kNames[static_cast<size_t>(status)];
}

Json DescribePorts(const EndpointTask& task, const EndpointContainer& container, HostIps host_ips) {
  const bool own_address = task.network_mode == "awsvpc";
  Json ports = Json::array();
  for (const EndpointPort& port : container.ports) {
    Json described = {{"ContainerPort", port.container_port}, {"Protocol", port.protocol}};
    const uint16_t host_port = own_address ? port.container_port : port.host_port;
    if (host_port != 0) described["HostPort"] = host_port;
    if (host_ips == HostIps::kShown && !own_address) AddText(described, "HostIp", port.host_ip);
    ports.push_back(std::move(described));
  }
  return ports;
}

Json DescribeNetworks(const EndpointTask& task, const EndpointContainer& container,
                      MetadataVersion version) {
  Json networks = Json::array();
  for (const EndpointNetwork& network : container.networks) {
    Json described = {{"NetworkMode", network.mode}};
    const Json ipv4 = AddressesOf(network, net::IpFamily::kIpv4);
    const Json ipv6 = AddressesOf(network, net::IpFamily::kIpv6);
    // Docker's way to say that it has none.
    if (network.addresses.empty()) described["IPv4Addresses"] = Json::array({""});
    if (!ipv4.empty()) described["IPv4Addresses"] = ipv4;
    if (!ipv6.empty()) described["IPv6Addresses"] = ipv6;
    if (version == MetadataVersion::kV4 && network.interface &&
        *network.interface < task.interfaces.size()) {
      AddInterface(described, task.interfaces[*network.interface]);
    }
    networks.push_back(std::move(described));
  }
  return networks;
}

Json DescribeVolumes(const EndpointContainer& container) {
  Json volumes = Json::array();
  for (const EndpointVolume& volume : container.volumes) {
    Json described = Json::object();
    AddText(described, "DockerName", volume.docker_name);
    AddText(described, "Source", volume.source);
    AddText(described, "Destination", volume.destination);
    volumes.push_back(std::move(described));
  }
  return volumes;
}

Json DescribeContainer(const EndpointTask& task, const EndpointContainer& container,
                       MetadataVersion version) {
  const bool newest = version == MetadataVersion::kV4;
  Json described = {{"DockerId", container.docker_id},
                    {"Name", container.name},
                    {"DockerName", container.docker_name},
                    {"Image", container.image},
                    {"ImageID", container.image_id}};
  AddList(described, "Ports",
          DescribePorts(task, container, newest ? HostIps::kShown : HostIps::kLeftOut));
  AddList(described, "Labels", container.labels);
  described["DesiredStatus"] = Name(container.desired);
  described["KnownStatus"] = Name(container.known);
  if (container.exit_code) described["ExitCode"] = *container.exit_code;
  described["Limits"] = {{"CPU", container.cpu}, {"Memory", container.memory.value_or(0)}};
  AddTime(described, "CreatedAt", container.created_at);
  AddTime(described, "StartedAt", container.started_at);
  AddTime(described, "FinishedAt", container.finished_at);
  described["Type"] = container.type;
  // Version 2 is for tasks with addresses of their own.
  if (version != MetadataVersion::kV2 || task.network_mode == "awsvpc") {
    AddList(described, "Networks", DescribeNetworks(task, container, version));
  }
  if (container.health) described["Health"] = DescribeHealth(*container.health);
  AddList(described, "Volumes", DescribeVolumes(container));
  if (!newest) return described;
  AddText(described, "LogDriver", container.log_driver);
  AddList(described, "LogOptions", container.log_options);
  AddText(described, "ContainerARN", container.arn);
  if (container.restart_count) described["RestartCount"] = *container.restart_count;
  return described;
}

Json DescribeTask(const EndpointTask& task, const AgentInfo& agent, MetadataVersion version) {
  Json described = {{"Cluster", agent.cluster},
                    {"TaskARN", task.arn},
                    {"Family", task.family},
                    {"Revision", task.revision},
                    {"DesiredStatus", Name(task.desired)},
                    {"KnownStatus", Name(task.known)}};
  Json containers = Json::array();
  for (const EndpointContainer& container : task.containers) {
    if (IsShown(container, version)) {
      containers.push_back(DescribeContainer(task, container, version));
    }
  }
  AddList(described, "Containers", std::move(containers));
  Json limits = Json::object();
  if (task.cpu.value_or(0) != 0) limits["CPU"] = Number(*task.cpu);
  if (task.memory.value_or(0) != 0) limits["Memory"] = *task.memory;
  AddList(described, "Limits", std::move(limits));
  AddTime(described, "PullStartedAt", task.pull_started_at);
  AddTime(described, "PullStoppedAt", task.pull_stopped_at);
  AddTime(described, "ExecutionStoppedAt", task.execution_stopped_at);
  AddText(described, "AvailabilityZone", agent.availability_zone);
  if (version != MetadataVersion::kV4) return described;
  AddText(described, "LaunchType", task.launch_type);
  AddText(described, "VPCID", task.vpc_id);
  AddText(described, "ServiceName", task.service_name);
  AddText(described, "Group", task.group);
  described["FaultInjectionEnabled"] = task.fault_injection_enabled;
  AddText(described, "AvailabilityZoneID", agent.availability_zone_id);
  return described;
}

void AddList(Json& object, const char* name, Json list) {
  if (!list.empty()) object[name] = std::move(list);
}

}  // namespace berth::agent::endpoints
