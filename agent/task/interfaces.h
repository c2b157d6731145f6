// The network namespaces of a task: which it needs, and the making of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/groups/group_book.h"
#include "agent/paths.h"
#include "agent/state/state.h"
#include "ecs/network_configuration.h"
#include "ecs/task_definition.h"
#include "net/links/bandwidth.h"
#include "net/netns.h"
#include "net/netns_pool.h"

namespace berth::agent {

/// An interface that a scheduler has made: where it is, and what it is called.
struct GivenInterface {
  SubnetConfig subnet;
  std::optional<net::Ipv4> address;  // if the subnet has a block of IPv4
  std::optional<net::Ipv6> ipv6_address;
  net::MacAddress mac;
  std::vector<ecs::SecurityGroup> groups;  // empty: sg-default
};

/// One network namespace and the containers that live in it.
struct Interface {
  std::vector<size_t> containers;  // indices in the definition
  std::string hostname;            // what they call themselves, unless the definition says
  /// How it is joined to the host's network; nothing: it has a loopback interface alone.
  std::optional<SubnetConfig> subnet;
  std::string attachment_id;
  std::vector<GroupRecord> groups;  // awsvpc mode
  net::Bandwidth bandwidth;
  // Nothing: any of the subnet.
  std::optional<net::Ipv4> given_address;
  std::optional<net::Ipv6> given_ipv6_address;
  std::optional<net::MacAddress> mac;  // nothing: derived from attachment_id
  AddressRecord addresses;             // once admitted
  net::Netns netns;                    // once made
};

struct InterfacePlan {
  const std::string& task_id;
  const ecs::TaskDefinition& definition;
  const ecs::NetworkConfiguration& network;
  const std::optional<GivenInterface>& given;  // awsvpc mode; goes before `network`
  const Config& config;
  const GroupBook& book;
};

/// awsvpc: one for the task; bridge and none: one a container; host: none at all. Fails if a subnet
/// or group is not configured here, or the bandwidth asked for makes no sense.
Result<std::vector<Interface>> PlanInterfaces(const InterfacePlan& plan);

net::Protocol ToNet(ecs::TransportProtocol protocol);

/// The port mappings that take ports of the host (bridge and host mode); a range is one with as
/// many ports. host_port 0 is any.
std::vector<PortRecord> WantedPorts(const ecs::TaskDefinition& definition);

/// What MakeInterface needs to know of the task.
struct InterfaceSite {
  const std::vector<PortRecord>& ports;
  const ecs::TaskDefinition& definition;
  const Paths& paths;
  /// Read once the firewall is locked, so that rules that have changed since the task was planned
  /// are never written back.
  const GroupBook& book;
  const Config& config;
  net::NetnsPool* pool = nullptr;  // where namespaces may be ready; none: each is made now
};
/// Makes the namespace and joins it to the host's network.
Result<void> MakeInterface(Interface& interface, const InterfaceSite& site);

}  // namespace berth::agent
