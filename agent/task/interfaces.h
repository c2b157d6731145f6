// The network namespaces of a task: which it needs, and the making of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/config.h"
#include "agent/paths.h"
#include "agent/state/state.h"
#include "ecs/network_configuration.h"
#include "ecs/task_definition.h"
#include "net/links/bandwidth.h"
#include "net/netns.h"

namespace berth::agent {

/// An interface that a scheduler has made: where it is, and what it is called.
struct GivenInterface {
  SubnetConfig subnet;
  net::Ipv4 address;
  net::MacAddress mac;
  std::vector<net::SecurityGroup> groups;  // empty: sg-default
};

/// One network namespace and the containers that live in it.
struct Interface {
  std::vector<size_t> containers;  // indices in the definition
  std::string hostname;            // what they call themselves, unless the definition says
  /// How it is joined to the host's network; nothing: it has a loopback interface alone.
  std::optional<SubnetConfig> subnet;
  std::string attachment_id;
  std::vector<net::SecurityGroup> groups;  // awsvpc mode
  net::Bandwidth bandwidth;
  std::optional<net::Ipv4> given_address;  // nothing: any of the subnet
  std::optional<net::MacAddress> mac;      // nothing: derived from attachment_id
  net::Ipv4 address;                       // once admitted
  net::Netns netns;                        // once made
};

struct InterfacePlan {
  const std::string& task_id;
  const ecs::TaskDefinition& definition;
  const ecs::NetworkConfiguration& network;
  const std::optional<GivenInterface>& given;  // awsvpc mode; goes before `network`
  const Config& config;
};

/// awsvpc: one for the task; bridge and none: one a container; host: none at all. Fails if a subnet
/// or group is not configured here, or the bandwidth asked for makes no sense.
Result<std::vector<Interface>> PlanInterfaces(const InterfacePlan& plan);

/// The port mappings that take ports of the host (bridge and host mode), ranges spelled out.
/// host_port 0 is any.
std::vector<PortRecord> WantedPorts(const ecs::TaskDefinition& definition);

/// Makes the namespace, joins it to the host's network and limits its bandwidth.
Result<void> MakeInterface(Interface& interface, const std::vector<PortRecord>& ports,
                           const ecs::TaskDefinition& definition, const Paths& paths);

}  // namespace berth::agent
